"""Names, ARNs, regions, tokens."""

import string
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretctl.domain import names
from secretctl.errors import ServiceError

HERE = {"region": "eu-west-1", "account": "123456789012"}
PREFIX = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:"
LEGAL = string.ascii_letters + string.digits + "/_+=.@!-"
NAMES = st.text(LEGAL, min_size=1, max_size=60)
SUFFIXES = st.text(string.ascii_letters + string.digits, min_size=6, max_size=6)


def counter(start: int = 0) -> Callable[[int], bytes]:
    """Return a random source that counts."""
    state = [start]

    def draw(size: int) -> bytes:
        state[0] += 1
        return state[0].to_bytes(8, "big")[-size:]

    return draw


@pytest.mark.parametrize("name", ["a", "/abs", "../../etc/passwd", "rds!db-1", "-x", LEGAL])
def test_name_of_legal_characters_is_accepted(name: str) -> None:
    """Every character AWS lists is accepted, in any order; a name is never read as a path."""
    names.check_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "Inv Name",
        " Inv*Name? ",
        "",
        "a\nb",
        "a\n",
        "a\0b",
        "é",
        "\u0430dmin",
        "a\u202eb",
        "a:b",
        "\udc80",
    ],
    ids=ascii,
)
def test_name_with_another_character_is_refused_without_echo(name: str) -> None:
    """A character outside the set, at any place, is AWS's sentence, which repeats nothing."""
    with pytest.raises(ServiceError) as caught:
        names.check_name(name)
    assert caught.value.code == "ValidationException"
    assert caught.value.message == (
        "Invalid name. Must be a valid name containing alphanumeric characters, "
        "or any of the following: -/_+=.@!"
    )


@given(st.text(max_size=20))
def test_name_is_accepted_just_when_all_characters_are_legal(name: str) -> None:
    """The check is membership in the published set and nothing else."""
    legal = bool(name) and set(name) <= set(LEGAL)
    try:
        names.check_name(name)
    except ServiceError:
        assert not legal
    else:
        assert legal


@given(NAMES, SUFFIXES)
def test_full_arn_leads_back_to_name_and_suffix(name: str, suffix: str) -> None:
    """What arn() spells, parse_secret_id() reads, whatever the name ends in."""
    full = names.arn("eu-west-1", "123456789012", name, suffix)
    assert (names.Candidate("eu-west-1", name, suffix),) == names.parse_secret_id(full, **HERE)


@given(NAMES.filter(lambda name: not name.startswith("arn:")))
def test_plain_name_is_looked_up_as_it_stands(name: str) -> None:
    """A name is one candidate with any suffix, also if it ends like an ARN."""
    assert (names.Candidate("eu-west-1", name, None),) == names.parse_secret_id(name, **HERE)


def test_partial_arn_finds_the_name() -> None:
    """An ARN without its suffix is read as the name."""
    expected = (names.Candidate("eu-west-1", "prod/db-main", None),)
    assert expected == names.parse_secret_id(PREFIX + "prod/db-main", **HERE)


def test_partial_arn_never_finds_a_name_that_ends_like_a_suffix() -> None:
    """Hyphen and six letters or digits are read as the suffix, and only so."""
    expected = (names.Candidate("eu-west-1", "my-Name", "a1b2c3"),)
    assert expected == names.parse_secret_id(PREFIX + "my-Name-a1b2c3", **HERE)


@pytest.mark.parametrize(
    "secret_id",
    [
        "arn:aws:secretsmanager:us-east-1:123456789012:secret:x",
        "arn:aws:secretsmanager:eu-west-1:999999999999:secret:x",
        "arn:aws-cn:secretsmanager:eu-west-1:123456789012:secret:x",
        "arn:aws:ssm:eu-west-1:123456789012:secret:x",
        "arn:aws:secretsmanager:eu-west-1:123456789012:parameter:x",
        PREFIX,
        PREFIX + "a:b",
        "arn:",
        "arn:aws",
    ],
)
def test_arn_of_another_place_or_malformed_is_not_found(secret_id: str) -> None:
    """Another region, account, partition, service or shape is a secret that is not here."""
    with pytest.raises(ServiceError) as caught:
        names.parse_secret_id(secret_id, **HERE)
    assert caught.value.code == "ResourceNotFoundException"
    assert caught.value.message == "Secrets Manager can't find the specified secret."


@pytest.mark.parametrize("secret_id", ["a b", "a:b", PREFIX + "a b", PREFIX + "a\n"])
def test_secret_id_with_an_illegal_character_is_invalid(secret_id: str) -> None:
    """Characters are judged before anything is looked up; a colon belongs to ARNs."""
    with pytest.raises(ServiceError) as caught:
        names.parse_secret_id(secret_id, **HERE)
    assert caught.value.code == "ValidationException"


def test_suffix_takes_every_letter_and_digit_equally_often() -> None:
    """Bytes that would favour some characters are thrown away."""
    draw = counter(-1)
    drawn = "".join(names.suffix(draw) for _ in range(62 * 4))
    counts = {drawn.count(character) for character in string.ascii_letters + string.digits}
    assert counts == {24}


@pytest.mark.parametrize(
    "region", ["us-east-1", "eu-central-2", "us-gov-west-1", "ap-southeast-10"]
)
def test_region_of_the_published_form_is_accepted(region: str) -> None:
    """Words of small letters, hyphens, a number."""
    names.check_region(region)


@pytest.mark.parametrize(
    "region",
    ["", "us", "US-east-1", "us-east", "us-east-1 ", "us-east-1\n", "../x-1", "us-east-\u0661"],
)
def test_region_of_another_form_is_refused_without_echo(region: str) -> None:
    """A region is a namespace of the vault and must look like one."""
    with pytest.raises(ServiceError) as caught:
        names.check_region(region)
    assert caught.value.code == "ValidationException"
    assert caught.value.message.startswith("1 validation error detected: Value at 'region' failed")


def test_token_in_the_forms_aws_prints_is_accepted() -> None:
    """UUIDs in either case, and the documentation's made-up ones."""
    names.check_token("EXAMPLE1-90ab-cdef-fedc-ba987EXAMPLE")
    names.check_token("terraform_20240101.x")


@pytest.mark.parametrize("token", ["../../etc/passwd", "a b", "a\x1b[2J", "", "é"])
def test_token_with_an_odd_character_is_refused(token: str) -> None:
    """A token becomes a version's id and is printed: no paths, no controls."""
    with pytest.raises(ServiceError) as caught:
        names.check_token(token)
    assert caught.value.code == "ValidationException"
    assert not token or token not in caught.value.message


@pytest.mark.parametrize("text", ["us-east-1", "local", "a", "1", "a-", "a" * 63])
def test_a_region_of_a_vault_is_one_label_of_a_host(text: str) -> None:
    """Whoever runs a vault names its regions: the form that AWS publishes is not asked for."""
    assert names.is_region(text)


@pytest.mark.parametrize(
    "text", ["", "-", "-a", "a" * 64, "a.b", "A", "a/b", "a b", "\u00e4", "a\n"]
)
def test_what_is_no_label_is_no_region(text: str) -> None:
    """It could be a part of the address that secrets are sent to."""
    assert not names.is_region(text)
