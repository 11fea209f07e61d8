"""Policies that are part of a user, group or role, and managed ones attached to it."""

import json

import pytest

from tests.service.iam.conftest import ACCOUNT, HOLDERS, READ, Iam, made, names

each_holder = pytest.mark.parametrize("word", HOLDERS)


@each_holder
def test_an_inline_policy_is_answered_as_it_was_given(iam: Iam, word: str) -> None:
    """Put once more it is replaced; deleted it is gone."""
    holder = made(iam, word)
    text = json.dumps(READ, indent=7)
    policy = {"PolicyName": "own", **holder}
    iam(f"Put{word}Policy", PolicyDocument=READ, **policy)
    iam(f"Put{word}Policy", PolicyDocument=text, **policy)
    assert iam(f"Get{word}Policy", **policy) == {**policy, "PolicyDocument": text}
    iam(f"Put{word}Policy", PolicyDocument=READ, PolicyName="a", **holder)
    assert iam(f"List{word}Policies", **holder)["PolicyNames"] == ["a", "own"]
    iam(f"Delete{word}Policy", **policy)
    assert iam(f"List{word}Policies", **holder)["PolicyNames"] == ["a"]
    refused = ("NoSuchEntity", f"The {word.lower()} policy with name own cannot be found.")
    for operation in (f"Get{word}Policy", f"Delete{word}Policy"):
        assert iam.refusal(operation, **policy) == refused


@each_holder
def test_an_inline_policy_needs_somebody_and_a_document(iam: Iam, word: str) -> None:
    """The older version of the language is taken here, as by AWS."""
    policy = {"PolicyName": "own", f"{word}Name": "nobody"}
    nobody = ("NoSuchEntity", f"The {word.lower()} with name nobody cannot be found.")
    assert iam.refusal(f"Put{word}Policy", PolicyDocument=READ, **policy) == nobody
    assert iam.refusal(f"Get{word}Policy", **policy) == nobody
    assert iam.refusal(f"List{word}Policies", **{f"{word}Name": "nobody"}) == nobody
    holder = made(iam, word)
    assert iam.refusal(f"Put{word}Policy", PolicyName="p", PolicyDocument="x", **holder) == (
        "MalformedPolicyDocument",
        "Syntax errors in policy.",
    )
    old = {"Version": "2008-10-17", "Statement": READ["Statement"]}
    iam(f"Put{word}Policy", PolicyName="p", PolicyDocument=old, **holder)


@each_holder
def test_inline_policies_have_a_size_together(iam: Iam, word: str) -> None:
    """2,048 characters of a user, 5,120 of a group, 10,240 of a role, without white space."""
    most = {"User": 2048, "Group": 5120, "Role": 10240}[word]
    holder = made(iam, word)
    padding = most // 2 - len("".join(json.dumps(READ).split())) - 20
    half = {**READ, "Statement": {**READ["Statement"][0], "Sid": "a" * padding}}
    text = json.dumps(half) + " " * 1000
    iam(f"Put{word}Policy", PolicyName="a", PolicyDocument=text, **holder)
    iam(f"Put{word}Policy", PolicyName="b", PolicyDocument=text, **holder)
    assert iam.refusal(f"Put{word}Policy", PolicyName="c", PolicyDocument=READ, **holder) == (
        "LimitExceeded",
        f"Maximum policy size of {most} bytes exceeded for {word.lower()} x",
    )
    assert iam(f"List{word}Policies", **holder)["PolicyNames"] == ["a", "b"]


@each_holder
def test_a_managed_policy_is_attached_once_and_detached(iam: Iam, policy: str, word: str) -> None:
    """To attach it again changes nothing; to detach it again is an error."""
    attached = {**made(iam, word), "PolicyArn": policy}
    holder = {f"{word}Name": "x"}
    iam(f"Attach{word}Policy", **attached)
    iam(f"Attach{word}Policy", **attached)
    answer = iam(f"ListAttached{word}Policies", **holder)
    assert answer["AttachedPolicies"] == [{"PolicyName": "read", "PolicyArn": policy}]
    assert iam(f"ListAttached{word}Policies", PathPrefix="/x/", **holder)["AttachedPolicies"] == []
    iam(f"Detach{word}Policy", **attached)
    assert iam.refusal(f"Detach{word}Policy", **attached) == (
        "NoSuchEntity",
        f"Policy {policy} was not found.",
    )
    assert iam(f"ListAttached{word}Policies", **holder)["AttachedPolicies"] == []


@each_holder
def test_what_is_attached_must_be_there(iam: Iam, policy: str, word: str) -> None:
    """The policy, and who gets it; AWS's own policies are not."""
    holder = made(iam, word)
    for arn in (f"{ACCOUNT}:policy/none", "arn:aws:iam::aws:policy/SecretsManagerReadWrite"):
        assert iam.refusal(f"Attach{word}Policy", PolicyArn=arn, **holder) == (
            "NoSuchEntity",
            f"Policy {arn} does not exist or is not attachable.",
        )
    malformed = {"PolicyArn": "a-name-of-20-letters-or-more", **holder}
    assert iam.refusal(f"Attach{word}Policy", **malformed) == (
        "ValidationError",
        "Invalid ARN:  Could not be parsed!",
    )
    nobody = {f"{word}Name": "nobody"}
    refused = ("NoSuchEntity", f"The {word.lower()} with name nobody cannot be found.")
    for operation in (f"Attach{word}Policy", f"Detach{word}Policy"):
        assert iam.refusal(operation, PolicyArn=policy, **nobody) == refused
    assert iam.refusal(f"ListAttached{word}Policies", **nobody) == refused


@each_holder
def test_ten_managed_policies_are_attached_at_most(iam: Iam, word: str) -> None:
    """As AWS's quota has it; they are listed by ARN."""
    holder = made(iam, word)
    for number in range(11):
        iam("CreatePolicy", PolicyName=f"p{number}", PolicyDocument=READ)
    for number in range(9, -1, -1):
        iam(f"Attach{word}Policy", PolicyArn=f"{ACCOUNT}:policy/p{number}", **holder)
    assert iam.refusal(f"Attach{word}Policy", PolicyArn=f"{ACCOUNT}:policy/p10", **holder) == (
        "LimitExceeded",
        f"Cannot exceed quota for PoliciesPer{word}: 10",
    )
    listed = names(iam(f"ListAttached{word}Policies", **holder), "AttachedPolicies", "PolicyName")
    assert listed == [f"p{number}" for number in range(10)]
