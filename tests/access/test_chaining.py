"""What a session passes on to those begun from it, as AWS documents role chaining.

See: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
See: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html
"""

from typing import Any

import pytest

from tests.access.conftest import ACCOUNT, Account, Said, allow, deny, policy
from tests.access.test_sessions import ALICE, ASSUME, LIST, ROLE, make_role, trusting

NAMED = ("--source-identity", "ann")
TAGGED = ("--tags", "Key=dept,Value=x", "Key=hop,Value=1", "--transitive-tag-keys", "dept")
FROM_DEPLOY = {"AWS": ROLE}


def onward(account: Account, name: str, *words: str) -> Said:
    """Let a session begin one of the role *name*."""
    role = f"arn:aws:iam::{ACCOUNT}:role/{name}"
    return account("sts", "assume-role", "--role-arn", role, "--role-session-name", "on", *words)


def chained(root: Account, said: Said) -> Account:
    """Return the commands of a session that has begun."""
    assert said.status == 0, said.err
    return root.holding(said.answer["Credentials"])


def refuse_if(root: Account, role: str, condition: Any) -> None:
    """Let a role be refused everything under a condition."""
    document = policy(allow("*"), deny("*", Condition=condition))
    root.must(
        *("iam", "put-role-policy", "--role-name", role, "--policy-name", "list"),
        *("--policy-document", document),
    )


@pytest.fixture
def first(root: Account, user: Account) -> Account:
    """A session of the role deploy, of ann, with a tag that passes on and one that does not."""
    make_role(root, trusting(ALICE, actions="sts:*"))
    make_role(root, trusting(FROM_DEPLOY, actions="sts:*"), name="chain")
    make_role(root, trusting({"AWS": f"{ROLE[:-6]}chain"}, actions="sts:*"), name="end")
    return root.holding(user.must(*ASSUME, *NAMED, *TAGGED)["Credentials"])


def test_a_source_identity_stays(root: Account, first: Account) -> None:
    """In every session of the chain it is answered, and policies see it."""
    said = onward(first, "chain")
    assert said.answer["SourceIdentity"] == "ann"
    last = chained(root, onward(chained(root, said), "end"))
    assert last(*LIST).status == 0
    refuse_if(root, "end", {"StringEquals": {"aws:SourceIdentity": "ann"}})
    assert "explicit deny" in last(*LIST).err


def test_a_source_identity_cannot_be_changed(first: Account) -> None:
    """To set it to what it is, is no change."""
    said = onward(first, "chain", "--source-identity", "mallory")
    assert (said.code, said.sentence) == (
        "ValidationError",
        "The source identity is already set for this assume role session",
    )
    assert onward(first, "chain", *NAMED).status == 0


def test_a_source_identity_stands_in_the_journal(root: Account, first: Account) -> None:
    """With each act of a session of the chain."""
    chained(root, onward(first, "chain"))(*LIST)
    assert '"sourceIdentity":"ann"' in root("audit", "tail", "-n", "1").out


def test_transitive_tags_stay(root: Account, first: Account) -> None:
    """To the end of the chain; those that are not, are left behind."""
    last = chained(root, onward(chained(root, onward(first, "chain")), "end"))
    refuse_if(root, "end", {"StringEquals": {"aws:PrincipalTag/hop": "1"}})
    assert last(*LIST).status == 0
    refuse_if(root, "end", {"StringEquals": {"aws:PrincipalTag/dept": "x"}})
    assert "explicit deny" in last(*LIST).err


@pytest.mark.parametrize("key", ["dept", "Dept"])
def test_transitive_tags_cannot_be_overridden(first: Account, key: str) -> None:
    """In no spelling; other tags can be set."""
    said = onward(first, "chain", "--tags", f"Key={key},Value=y")
    assert (said.code, said.sentence) == (
        "InvalidParameterValue",
        "One of the specified transitive tag keys can't be set because it conflicts with a "
        "transitive tag key from the calling session.",
    )
    assert onward(first, "chain", "--tags", "Key=hop,Value=2").status == 0


def test_what_passes_on_must_be_a_tag_of_the_request(root: Account, user: Account) -> None:
    """A key of no tag is refused."""
    make_role(root, trusting(ALICE, actions="sts:*"))
    said = user(*ASSUME, "--tags", "Key=a,Value=b", "--transitive-tag-keys", "c")
    assert (said.code, said.sentence) == (
        "InvalidParameterValue",
        "The specified transitive tag key must be included in the requested tags.",
    )
    assert user(*ASSUME, "--tags", "Key=a,Value=b", "--transitive-tag-keys", "A").status == 0


@pytest.mark.parametrize("tag", ["Key=dept,Value=y", "Key=DEPT,Value=y"])
def test_a_sessions_tags_go_before_those_of_its_role(
    root: Account, user: Account, tag: str
) -> None:
    """Also those that are inherited, whatever their spelling."""
    make_role(root, trusting(ALICE, actions="sts:*"))
    make_role(root, trusting(FROM_DEPLOY, actions="sts:*"), name="chain", tags=tag)
    first = root.holding(user.must(*ASSUME, *TAGGED)["Credentials"])
    second = chained(root, onward(first, "chain"))
    refuse_if(root, "chain", {"StringEquals": {"aws:PrincipalTag/dept": "y"}})
    assert second(*LIST).status == 0


@pytest.mark.parametrize(
    ("given", "action"), [(TAGGED, "sts:TagSession"), (NAMED, "sts:SetSourceIdentity")]
)
def test_what_is_inherited_needs_its_permission(
    root: Account, user: Account, given: tuple[str, ...], action: str
) -> None:
    """A role that does not let it be set cannot be assumed with it."""
    make_role(root, trusting(ALICE, actions="sts:*"))
    make_role(root, trusting(FROM_DEPLOY), name="chain")
    plain = root.holding(user.must(*ASSUME)["Credentials"])
    assert onward(plain, "chain").status == 0
    said = onward(root.holding(user.must(*ASSUME, *given)["Credentials"]), "chain")
    assert said.code == "AccessDenied"
    assert f"not authorized to perform: {action} on resource" in said.sentence


def test_a_trust_policy_sees_which_tags_pass_on(root: Account, first: Account) -> None:
    """Those that were set as transitive before are among the transitive ones."""
    root.must(
        *("iam", "update-assume-role-policy", "--role-name", "chain", "--policy-document"),
        trusting(
            FROM_DEPLOY,
            actions="sts:*",
            Condition={"ForAllValues:StringEquals": {"sts:TransitiveTagKeys": "team"}},
        ),
    )
    assert onward(first, "chain").code == "AccessDenied"
