"""``builtin/password``: what of a value is replaced."""

import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretctl.rotation.password import replaced
from secretctl.rotation.steps import RotationError, StepError
from tests.rotation.conftest import SECRET, Rotator

NAMES = st.text(st.characters(codec="utf-8"), max_size=9)


@given(st.dictionaries(NAMES, st.none() | st.booleans() | st.integers() | NAMES))
def test_of_an_object_one_member_is_replaced(members: dict[str, object]) -> None:
    """All others stay as they are, in their order."""
    members = {**members, "password": "old"}
    text = replaced(json.dumps(members), "new")
    assert list(json.loads(text).items()) == list({**members, "password": "new"}.items())


@given(st.text())
def test_any_other_text_is_replaced_as_a_whole(text: str) -> None:
    """A number, a list and broken JSON are passwords."""
    try:
        is_object = isinstance(json.loads(text), dict)
    except ValueError:
        is_object = False
    if not is_object:
        assert replaced(text, "new") == "new"


def test_an_object_without_a_password_is_refused(rotator: Rotator) -> None:
    """What is to be replaced is not known; the message names the key."""
    rotator.service("PutSecretValue", SecretId=SECRET, SecretString='{"token":"t"}')
    with pytest.raises(RotationError, match="JSON object without the key password"):
        rotator.rotate(rotator.begin())
    with pytest.raises(StepError):
        replaced('{"Password":"p"}', "new")


def test_a_binary_value_is_refused(rotator: Rotator) -> None:
    """A password is text."""
    rotator.service("PutSecretValue", SecretId=SECRET, SecretBinary=b"\x00")
    with pytest.raises(RotationError, match="the value is binary"):
        rotator.rotate(rotator.begin())


def test_a_password_has_what_those_of_aws_have(rotator: Rotator) -> None:
    """32 characters, of every kind, none that breaks a connection string."""
    rotator.service("PutSecretValue", SecretId=SECRET, SecretString="whole")
    seen = set()
    for _ in range(3):
        rotator.rotate(rotator.begin())
        seen.add(rotator.value())
    assert len(seen) == 3
    for password in seen:
        assert len(password) == 32
        assert not set(password) & set("/@\"'\\")
        kinds = (string.ascii_lowercase, string.ascii_uppercase, string.digits, string.punctuation)
        assert all(set(password) & set(kind) for kind in kinds)


def test_a_try_after_the_first_step_keeps_its_password(rotator: Rotator) -> None:
    """What was set somewhere by the try before must not be lost."""
    version = rotator.begin()

    def stop(step: str) -> None:
        if step == "setSecret":
            raise KeyboardInterrupt

    rotator.steps = type("", (list,), {"append": lambda _, step: stop(step)})()
    with pytest.raises(KeyboardInterrupt):
        rotator.rotate(version)
    first = rotator.value(VersionId=version, VersionStage="AWSPENDING")
    rotator.steps = []
    rotator.rotate(version)
    assert rotator.value() == first
