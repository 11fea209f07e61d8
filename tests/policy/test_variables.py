"""Policy variables: where they are read, what they become, and what has no value."""

import pytest

from secretctl.policy import grammar
from tests.policy.cases import ACCOUNT, SECRET, Context, decision, document, meets, statement

USER = {"aws:username": "alice"}
NAMED = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:"


def reaches(resource: str, name: str, context: Context) -> bool:
    """Tell whether a Resource takes the secret of that name."""
    allowed = statement(Resource=NAMED + resource)
    return decision(allowed, arn=NAMED + name, context=context) == "Allowed"


def test_variable_becomes_the_value_of_a_key() -> None:
    """In the last segment of a resource and in values of String and Arn conditions."""
    assert reaches("${aws:username}/*", "alice/x-AbCdEf", {"AWS:UserName": "alice"})
    assert not reaches("${aws:username}/*", "bob/x-AbCdEf", {"aws:username": "alice"})
    for operator in ("StringEquals", "StringEqualsIgnoreCase", "StringLike"):
        assert meets(operator, "x-${aws:username}", {**USER, "k": "x-alice"})
    assert meets(
        "ArnLike",
        "arn:aws:iam::*:user/${aws:username}",
        {**USER, "k": f"arn:aws:iam::{ACCOUNT}:user/alice"},
    )
    assert meets("ArnEquals", "${aws:PrincipalArn}", {"aws:PrincipalArn": SECRET, "k": SECRET})
    assert not meets("ArnEquals", "${aws:username}", {"aws:username": "x", "k": "x"})


@pytest.mark.parametrize("value", ["*", "a*", "?????", "${aws:username}", "$", "${*}"])
def test_value_is_literal_text(value: str) -> None:
    """A wildcard or a variable in a value of the request is a letter like any other."""
    context = {"aws:username": value}
    assert reaches("${aws:username}/*", f"{value}/x", context)
    assert not reaches("${aws:username}/*", "alice/x", context)
    assert meets("StringLike", "${aws:username}*", {**context, "k": f"{value}x"})
    assert not meets("StringLike", "${aws:username}", {**context, "k": "alice"})


def test_default_stands_in_for_a_missing_key() -> None:
    """It is literal as well; a key that is there has its own value."""
    assert reaches("${aws:PrincipalTag/team, 'common'}/*", "common/x", {})
    assert reaches("${aws:PrincipalTag/team,'common'}/*", "a/x", {"aws:PrincipalTag/team": "a"})
    assert not reaches("${aws:PrincipalTag/team, '*'}/*", "a/x", {})


def test_escapes_are_the_characters_themselves() -> None:
    """An asterisk, a question mark and a dollar sign."""
    assert meets("StringLike", "${*}${?}${$}*", {"k": "*?$x"})
    assert not meets("StringLike", "${*}", {"k": "x"})
    assert meets("StringEquals", "${$}{aws:username}", {"k": "${aws:username}"})


@pytest.mark.parametrize(
    "context",
    [{}, {"aws:username": ""}, {"aws:username": ("alice",)}, {"aws:username": ("a", "b")}],
)
def test_variable_without_a_value_matches_nothing(
    context: Context,
) -> None:
    """The key is missing, empty, or one of several values. A negated operator then holds."""
    assert not reaches("${aws:username}*", "x", context)
    assert not reaches("x${aws:username}", "x", context)
    for name in ("String{}Equals", "String{}Like", "String{}EqualsIgnoreCase", "Arn{}Like"):
        value = "${aws:username}" if name[0] == "S" else "arn:aws:iam::1:user/${aws:username}"
        assert not meets(name.format(""), value, {**context, "k": "x"})
        assert meets(name.format("Not"), value, {**context, "k": "x"})
    assert meets("StringEquals", ["${aws:username}", "x"], {**context, "k": "x"})


@pytest.mark.parametrize("value", ["", (), ("a",)])
def test_key_that_is_there_has_no_default(value: str | tuple[str, ...]) -> None:
    """A default is for a key that is missing, not for one that is empty or has several values."""
    assert not reaches("${aws:TagKeys, 'x'}", "x", {"aws:TagKeys": value})


def test_default_may_be_empty() -> None:
    """Whoever writes one means it."""
    assert reaches("x${aws:PrincipalTag/team, ''}", "x", {})


def test_allow_that_spares_an_unknown_resource_gives_nothing() -> None:
    """NotResource with a variable without value: an Allow fails, a Deny holds."""
    spared = {"NotResource": f"{NAMED}${{aws:username}}/*", "without": "Resource"}
    assert decision(statement(**spared)) == "ImplicitlyDenied"
    assert decision(statement(), statement(Effect="Deny", **spared)) == "ExplicitlyDenied"
    assert decision(statement(**spared), context=USER) == "Allowed"


@pytest.mark.parametrize("version", ["2008-10-17", None])
def test_older_versions_read_no_variables(version: str | None) -> None:
    """The characters are text; an asterisk among them is still a wildcard."""
    whole = document(statement(Condition={"StringEquals": {"k": "${aws:username}"}}))
    whole["Version"] = version
    if version is None:
        del whole["Version"]
    assert grammar.read(whole, "identity")[0] is not None
    version = "2008-10-17"
    assert meets("StringEquals", "${aws:username}", {"k": "${aws:username}"}, version=version)
    assert not meets("StringEquals", "${aws:username}", {**USER, "k": "alice"}, version=version)
    assert meets("StringLike", "${*}", {"k": "${x}"}, version=version)
    assert meets("StringEquals", "${", {"k": "${"}, version=version)


def test_variables_are_not_read_in_other_segments() -> None:
    """Before the fifth colon of a resource, and in operators that compare no text."""
    allowed = statement(Resource="arn:aws:secretsmanager:us-east-1:${account}:secret:x")
    given = {"account": ACCOUNT}
    assert decision(allowed, arn=NAMED + "x", context=given) == "ImplicitlyDenied"


def test_value_with_colons_shifts_no_segment() -> None:
    """An ARN is cut before its variables have values."""
    pattern = "arn:aws:${service}:*:123456789012:role"
    given = {"service": "iam:x", "k": "arn:aws:iam:x:999999999999:123456789012:role"}
    assert not meets("ArnLike", pattern, given)


@pytest.mark.parametrize(
    "text",
    [
        "${",
        "${}",
        "${ a}",
        "${a }",
        "${a",
        "${a,b}",
        "${a,'b}",
        "${a,'b'",
        "${a,'b'c}",
        "${a${b}}",
        "${'a'}",
    ],
)
def test_malformed_variable_is_refused(text: str) -> None:
    """It could be read as text, or as a variable: it is neither."""
    for changed in (
        statement(Resource=NAMED + text),
        statement(Condition={"StringLike": {"k": text}}),
        statement(Condition={"ArnLike": {"k": ["x", text]}}),
    ):
        policy, faults = grammar.read(document(changed), "identity")
        assert policy is None
        assert ["variable" in fault.message for fault in faults] == [True]
