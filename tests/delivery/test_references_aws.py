"""References as CloudFormation, ECS and CodeBuild write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretctl.delivery.references import Source, parse
from secretctl.delivery.references_aws import fields, resolve
from secretctl.errors import UsageError

ARN = "arn:aws:secretsmanager:us-east-1:000000000000:secret:prod/db-AbCdEf"


def source(
    secret_id: str, key: str | None = None, stage: str | None = None, version: str | None = None
) -> Source:
    """Return a source without a variable."""
    return Source(None, secret_id, key, version, stage)


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ("prod/db", source("prod/db")),
        ("prod/db::::", source("prod/db")),
        ("prod/db:SecretString", source("prod/db")),
        ("prod/db:SecretString:k", source("prod/db", "k")),
        ("prod/db::k", source("prod/db", "k")),
        ("prod/db:SecretString:k:S:", source("prod/db", "k", "S")),
        ("prod/db:SecretString:k::v", source("prod/db", "k", None, "v")),
        ("prod/db:SecretString::S", source("prod/db", None, "S")),
        ("a:SecretString:k#l", source("a", "k#l")),
        (ARN, source(ARN)),
        (f"{ARN}:SecretString:k:S", source(ARN, "k", "S")),
    ],
)
def test_dynamic_reference_is_read(inner: str, expected: Source) -> None:
    """Parts may be left out from the end, or empty, and the id may be an ARN."""
    text = "{{resolve:secretsmanager:" + inner + "}}"
    assert resolve(text) == expected
    assert parse(f"NAME={text}") == expected._replace(variable="NAME")


@pytest.mark.parametrize(
    "text",
    [
        "{{resolve:ssm:a}}",
        "{{resolve:secretsmanager}}",
        "{{resolve:secretsmanager:}}",
        "{{resolve:secretsmanager::SecretString:k}}",
        "{{resolve:secretsmanager:a}",
        "{{resolve:secretsmanager:a}}b",
        "{{resolve:secretsmanager:a}}{{resolve:secretsmanager:b}}",
        "{{resolve:secretsmanager:a:SecretBinary}}",
        "{{resolve:secretsmanager:a:k}}",
        "{{resolve:secretsmanager:a:SecretString:k:S:v}}",
        "{{resolve:secretsmanager:a:SecretString:k:S::more}}",
        "{{resolve:secretsmanager:a:SecretString:k\\}}",
        "{{resolve:secretsmanager:a#b:SecretString:k}}",
        "{{resolve:secretsmanager:a:SecretString:k:S&T}}",
    ],
)
def test_dynamic_reference_outside_of_the_rules_is_refused(text: str) -> None:
    """Another service, something beside it, another part, and a label with a version."""
    with pytest.raises(UsageError) as caught:
        parse(text)
    assert caught.value.hints


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("prod/db:k", source("prod/db", "k")),
        ("prod/db:", source("prod/db")),
        ("prod/db::S", source("prod/db", None, "S")),
        ("prod/db:k:S:", source("prod/db", "k", "S")),
        ("prod/db:::v", source("prod/db", None, None, "v")),
        (f"{ARN}:k::", source(ARN, "k")),
        (f"{ARN}::S:", source(ARN, None, "S")),
        (f"{ARN}:::v", source(ARN, None, None, "v")),
        (f"{ARN}:k", source(ARN, "k")),
    ],
)
def test_colons_divide_a_reference(text: str, expected: Source) -> None:
    """What stands behind a name or an ARN is key, label and version."""
    assert fields(text) == expected
    assert parse(f"NAME={text}") == expected._replace(variable="NAME")


@pytest.mark.parametrize("text", [":k", "a:k:S:v", "a:k:S::", f"{ARN}:k:S:v", f"{ARN}::::"])
def test_too_many_parts_are_refused(text: str) -> None:
    """A label with a version, a part too many, and no id are refused with the form."""
    with pytest.raises(UsageError) as caught:
        parse(text)
    assert caught.value.hints


@pytest.mark.parametrize(
    ("text", "aws", "own"),
    [
        ("a:k#l", "the key 'k#l' of the secret 'a'", "the key 'l' of the secret 'a:k'"),
        ("a:k?stage=S", "the key 'k?stage=S'", "the key 'k' of the secret 'a' with the label 'S'"),
        (
            "{{resolve:secretsmanager:a:SecretString:k?version=v}}",
            "the key 'k?version=v' of the secret 'a'",
            "the key 'k' of the secret 'a' of the version 'v'",
        ),
    ],
)
def test_what_reads_in_two_ways_is_refused_with_both(text: str, aws: str, own: str) -> None:
    """Neither form wins over the other: the error says what each would mean."""
    with pytest.raises(UsageError, match="two ways") as caught:
        parse(text)
    assert aws in caught.value.message
    assert own in caught.value.message


NAMES = st.text(st.sampled_from("abzABZ019/_+=.@!-"), min_size=1, max_size=30)
IDS = NAMES | NAMES.map("arn:aws:secretsmanager:eu-west-1:000000000000:secret:{}-AbCdEf".format)
PARTS = st.text(st.sampled_from("abAB01_-. =é"), max_size=8)
CHOICES = st.tuples(PARTS, st.just("")) | st.tuples(st.just(""), PARTS)


@given(IDS, PARTS, CHOICES)
def test_every_form_of_one_reference_is_read_alike(
    secret_id: str, key: str, choice: tuple[str, str]
) -> None:
    """CloudFormation's form and the one of ECS and CodeBuild are read as what was written."""
    stage, version = choice
    written = source(secret_id, key or None, stage or None, version or None)
    behind = f"{key}:{stage}:{version}"
    assert parse(f"N={secret_id}:{behind}")._replace(variable=None) == written
    resolved = f"{{{{resolve:secretsmanager:{secret_id}:SecretString:{behind}}}}}"
    assert parse(resolved) == written


@given(st.text(st.sampled_from("ab:#?=&{}\\"), max_size=20))
def test_any_dynamic_reference_is_read_or_refused(inner: str) -> None:
    """No text ends in anything but a source or a usage error."""
    try:
        found = parse("{{resolve:secretsmanager:" + inner + "}}")
    except UsageError:
        return
    assert found.secret_id
    assert not {"#", "?", ":"} & set(found.secret_id)
