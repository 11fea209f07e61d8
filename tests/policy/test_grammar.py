"""The grammar of the three kinds of policies: what is refused, and where."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretctl.policy import grammar, placing
from secretctl.policy.faults import KINDS, pointer
from tests.policy.cases import ALICE, document, statement

TRUSTING = statement(without="Resource", Principal={"AWS": ALICE}, Action="sts:AssumeRole")
SESSIONS = "arn:aws:sts::123456789012:assumed-role"
GIVEN = statement(Principal={"AWS": ALICE})
RIGHT = {"identity": statement(Sid="A1"), "resource": {**GIVEN, "Sid": "a b"}, "trust": TRUSTING}


def faults(whole: object, kind: str = "identity") -> list[tuple[str, str]]:
    """Return pointer and message of each fault."""
    policy, found = grammar.read(whole, kind)
    assert (policy is None) == bool(found)
    return [(pointer(fault.path), fault.message) for fault in found]


def place_of(changed: dict[str, Any], kind: str = "identity") -> str:
    """Return the pointer to the one fault of a statement, from the statement on."""
    found = faults(document(changed), kind)
    assert len(found) == 1, found
    return found[0][0].removeprefix("/Statement/0")


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_its_elements(kind: str) -> None:
    """What one kind has and another has not is refused there."""
    assert faults(document(RIGHT[kind]), kind) == []
    for other in KINDS:
        if other != kind:
            assert faults(document(RIGHT[other]), kind) != []


@pytest.mark.parametrize("whole", [{}, {"Version": "2008-10-17"}])
def test_statement_is_an_object_or_a_list(whole: dict[str, object]) -> None:
    """With a version or without; one is needed."""
    assert faults({**whole, "Statement": statement()}) == []
    assert faults({**whole, "Statement": [statement(), statement()]}) == []
    assert faults(whole) == [("", "there is no Statement")]
    assert faults({**whole, "Statement": []}) == [("/Statement", "there is no statement")]


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        (statement(Sid="a b"), "/Sid"),
        (statement(Sid="ü"), "/Sid"),
        (statement(Sid=1), "/Sid"),
        (statement(Actoin="x"), "/Actoin"),
        (statement(effect="Deny"), "/effect"),
        (statement(Effect="deny"), "/Effect"),
        (statement(without="Effect"), ""),
        (statement(without="Action"), ""),
        (statement(without="Resource"), ""),
        (statement(NotAction="*"), "/NotAction"),
        (statement(NotResource="*"), "/NotResource"),
        (statement(Principal="*"), "/Principal"),
        (statement(NotPrincipal="*"), "/NotPrincipal"),
        (statement(Action=["*", "x"]), "/Action/1"),
        (statement(Action="s*:GetSecretValue"), "/Action"),
        (statement(Action="secretsmanager:"), "/Action"),
        (statement(Action="secretsmanager:Get SecretValue"), "/Action"),
        (statement(Action="${aws:username}:x"), "/Action"),
        (statement(Action=[]), "/Action"),
        (statement(Action=[[]]), "/Action/0"),
        (statement(Resource=["arn:aws:s3:::x", "a"]), "/Resource/1"),
        (statement(Resource="arn:aws:s3::"), "/Resource"),
        (statement(Resource="arn:aws:s3:::"), "/Resource"),
        (statement(Resource="*rn:aws:s3:::x"), "/Resource"),
        (statement(Resource={}), "/Resource"),
        (statement(Condition=[]), "/Condition"),
        (statement(Condition={"StringEqual": {"a": "b"}}), "/Condition/StringEqual"),
        (statement(Condition={"stringequals": {"a": "b"}}), "/Condition/stringequals"),
        (statement(Condition={"NullIfExists": {"a": "true"}}), "/Condition/NullIfExists"),
        (statement(Condition={"ForAnyValue:Null": {"a": "true"}}), "/Condition/ForAnyValue:Null"),
        (statement(Condition={"ForAll:Bool": {"a": "true"}}), "/Condition/ForAll:Bool"),
        (statement(Condition={"BoolIfExistsIfExists": {}}), "/Condition/BoolIfExistsIfExists"),
        (statement(Condition={"IfExists": {"a": "b"}}), "/Condition/IfExists"),
        (statement(Condition={"StringEquals": {}}), "/Condition/StringEquals"),
        (statement(Condition={"StringEquals": []}), "/Condition/StringEquals"),
        (statement(Condition={"StringEquals": {"": "x"}}), "/Condition/StringEquals/"),
        (
            statement(Condition={"StringEquals": {"aws:username": "a", "aws:UserName": "b"}}),
            "/Condition/StringEquals/aws:UserName",
        ),
        (statement(Condition={"StringEquals": {"a/b": []}}), "/Condition/StringEquals/a~1b"),
        (statement(Condition={"StringEquals": {"a": ["b", {}]}}), "/Condition/StringEquals/a/1"),
        (statement(Condition={"StringEquals": {"a": None}}), "/Condition/StringEquals/a"),
        (statement(Condition={"NumericEquals": {"a": "x"}}), "/Condition/NumericEquals/a"),
        (statement(Condition={"NumericEquals": {"a": ["1", ""]}}), "/Condition/NumericEquals/a/1"),
        (statement(Condition={"NumericEquals": {"a": "${b}"}}), "/Condition/NumericEquals/a"),
        (statement(Condition={"DateEquals": {"a": "x"}}), "/Condition/DateEquals/a"),
        (statement(Condition={"DateEquals": {"a": "2023-02-29"}}), "/Condition/DateEquals/a"),
        (statement(Condition={"Bool": {"a": "yes"}}), "/Condition/Bool/a"),
        (statement(Condition={"Null": {"a": "1"}}), "/Condition/Null/a"),
        (statement(Condition={"BinaryEquals": {"a": "QUI"}}), "/Condition/BinaryEquals/a"),
        (statement(Condition={"IpAddress": {"a": "10.0.0.0/33"}}), "/Condition/IpAddress/a"),
        (statement(Condition={"IpAddress": {"a": "10.0.0"}}), "/Condition/IpAddress/a"),
        (statement(Condition={"IpAddress": {"a": "10.0.0.0/255.0.0.0"}}), "/Condition/IpAddress/a"),
        (statement(Condition={"NotIpAddress": {"a": "fe80::1%1"}}), "/Condition/NotIpAddress/a"),
    ],
)
def test_fault_of_a_statement_has_its_place(changed: dict[str, Any], place: str) -> None:
    """A typo must not widen a policy: it is refused, and found again."""
    assert place_of(changed) == place


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({**GIVEN, "Principal": "alice"}, "/Principal"),
        ({**GIVEN, "Principal": {"AWS": ["*", "al*"]}}, "/Principal/AWS/1"),
        ({**GIVEN, "Principal": {"CanonicalUser": "x"}}, "/Principal/CanonicalUser"),
        ({**GIVEN, "Principal": {"Service": "rds"}}, "/Principal/Service"),
        ({**GIVEN, "Principal": {"AWS": f"{SESSIONS}/r"}}, "/Principal/AWS"),
        ({**GIVEN, "Principal": {"AWS": "arn:aws:iam::123456789012:role/"}}, "/Principal/AWS"),
        ({**GIVEN, "Principal": {"AWS": "arn:aws:iam::123456789012:root/"}}, "/Principal/AWS"),
        ({**statement(NotPrincipal={"AWS": ALICE})}, "/NotPrincipal"),
    ],
)  # fmt: skip
def test_fault_of_a_principal_has_its_place(changed: dict[str, Any], place: str) -> None:
    """No partial wildcards, no kinds that do not exist, NotPrincipal with Deny alone."""
    assert place_of(changed, "resource") == place


def test_every_fault_is_found() -> None:
    """Not the first alone; a Sid that is given twice too."""
    whole = {
        "Version": "2020-01-01",
        "Id": "x",
        "Statement": [statement(Sid="A", Effect=1), statement(Sid="B"), statement(Sid="B"), 7],
    }
    assert [place for place, _ in faults(whole)] == [
        "/Id",
        "/Version",
        "/Statement/0/Effect",
        "/Statement/3",
        "/Statement/2/Sid",
    ]


def test_messages_repeat_nothing_of_the_document() -> None:
    """What is no policy may be a secret in the wrong place."""
    whole = {
        "hunter2": "hunter2",
        "Statement": {
            "Effect": "hunter2",
            "hunter2": 1,
            "Action": "hunter2",
            "Resource": "hunter2",
            "Principal": {"hunter2": "hunter2", "AWS": "hunter2"},
            "Condition": {
                "hunter2": {},
                "Bool": {"a": "hunter2"},
                "StringLike": {"b": "${hunter2"},
            },
        },
    }
    found = faults(whole, "resource")
    assert len(found) == 9
    assert not [message for _, message in found if "hunter2" in message]


@pytest.mark.parametrize("kind", KINDS)
def test_policy_of_more_than_20480_characters_is_refused(kind: str) -> None:
    """Blanks count: it is the text that is limited."""
    text = json.dumps(document(RIGHT[kind]))
    assert grammar.read_text(text.ljust(20480), kind)[1] == ()
    assert grammar.read_text(text.ljust(20481), kind)[0] is None


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["Statement", "Effect", "Condition", "Bool", "StringLike", "AWS", "*"])
            | st.text(max_size=3),
            inner,
            max_size=3,
        )
    ),
    max_leaves=10,
)


@given(ANY, st.sampled_from(KINDS), st.sampled_from([*GIVEN, "Condition", "Sid", "NotAction"]))
def test_anything_is_a_policy_or_has_faults(value: object, kind: str, name: str) -> None:
    """Whatever JSON it is, or stands in the place of an element: nothing is raised."""
    faults(value, kind)
    faults(document({**RIGHT[kind], name: value}), kind)
    placing.placed(json.dumps(value), kind)
    placing.placed(json.dumps(document({**RIGHT[kind], name: value})))


@given(st.text(max_size=40))
def test_any_text_is_a_policy_or_has_faults(text: str) -> None:
    """Read quickly, or with places: both say the same."""
    policy, found = grammar.read_text(text, "identity")
    assert (policy is None) == bool(found) == bool(placing.placed(text, "identity").faults)
