"""GetRandomPassword."""

import string

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import Service
from tests.service.conftest import refusal

CLASSES = (string.ascii_lowercase, string.ascii_uppercase, string.digits, string.punctuation)


def password(service: Service, **parameters: object) -> str:
    """Return a random password."""
    return str(service("GetRandomPassword", **parameters)["RandomPassword"])


def test_the_usual_password(service: Service) -> None:
    """32 characters, one of each class at least, all punctuation possible, no space."""
    seen = set()
    for _ in range(200):
        made = password(service)
        assert len(made) == 32
        assert all(set(made) & set(each) for each in CLASSES)
        seen |= set(made)
    assert seen == set("".join(CLASSES))


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    excluded=st.sets(st.sampled_from(string.printable), max_size=20),
    length=st.integers(4, 4096),
    space=st.booleans(),
)
def test_excluding_shrinks_the_pool_and_not_the_password(
    service: Service,
    excluded: set[str],
    length: int,
    space: bool,  # noqa: FBT001 drawn by Hypothesis
) -> None:
    """The length is that asked for, and no excluded character is in it."""
    made = password(
        service,
        PasswordLength=length,
        ExcludeCharacters="".join(excluded),
        IncludeSpace=space,
        RequireEachIncludedType=False,
    )
    assert len(made) == length
    assert not set(made) & excluded
    assert space or " " not in made


def test_classes_can_be_left_out(service: Service) -> None:
    """What is excluded is not there, what is left is required."""
    made = password(service, PasswordLength=2, ExcludePunctuation=True, ExcludeNumbers=True)
    assert made.isalpha()
    assert made.lower() != made
    assert made.upper() != made


def test_a_space_is_allowed_and_never_required(service: Service) -> None:
    """A password of four classes has four characters, spaces or not."""
    passwords = [password(service, PasswordLength=4, IncludeSpace=True) for _ in range(50)]
    assert all(" " not in made for made in passwords)
    only = {f"Exclude{kind}": True for kind in ("Numbers", "Punctuation", "Uppercase", "Lowercase")}
    assert password(service, **only, IncludeSpace=True) == " " * 32


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"PasswordLength": 3}, "Password length is too short based on the required types."),
        (
            {"ExcludeCharacters": string.digits},
            "All characters of the desired type have been excluded",
        ),
        (
            {"ExcludeCharacters": "".join(CLASSES), "RequireEachIncludedType": False},
            "All characters have been excluded from selection",
        ),
    ],
)
def test_impossible_passwords(
    service: Service, parameters: dict[str, object], sentence: str
) -> None:
    """AWS's three sentences."""
    assert refusal(service, "GetRandomPassword", **parameters) == (
        "InvalidParameterException",
        sentence,
    )


def test_length_has_limits(service: Service) -> None:
    """One to 4,096."""
    code, message = refusal(service, "GetRandomPassword", PasswordLength=4097)
    assert code == "ValidationException"
    assert message.endswith(
        "'passwordLength' failed to satisfy constraint: Member must have value less than or equal "
        "to 4096"
    )
    assert refusal(service, "GetRandomPassword", PasswordLength=0)[0] == "ValidationException"
    assert len(password(service, PasswordLength=1, RequireEachIncludedType=False)) == 1
