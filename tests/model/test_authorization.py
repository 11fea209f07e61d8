"""The table of actions and condition keys fits the operations, and itself."""

from secretctl.model.authorization import ACTIONS, COMMON
from secretctl.model.condition_keys import KEYS
from secretctl.model.operations import BY_NAME

_WITHOUT_SECRET = {"BatchGetSecretValue", "GetRandomPassword", "ListSecrets"}


def test_every_operation_is_an_action() -> None:
    """By its name, and nothing else is one."""
    assert list(ACTIONS) == sorted(BY_NAME)


def test_every_condition_key_has_a_type() -> None:
    """Those of actions are those that are described."""
    assert {key for action in ACTIONS.values() for key in action.keys} == set(KEYS)
    kinds = {"String", "ArrayOfString", "ARN", "Bool", "Numeric"}
    assert {key.type for key in KEYS.values()} == kinds


def test_actions_are_about_a_secret_but_for_three() -> None:
    """Those have no condition keys of the service; most of the others have the common ones."""
    assert {name for name, action in ACTIONS.items() if not action.is_on_secret} == _WITHOUT_SECRET
    assert {name for name, action in ACTIONS.items() if not action.keys} == _WITHOUT_SECRET
    common = {name for name, action in ACTIONS.items() if set(COMMON) <= set(action.keys)}
    assert set(ACTIONS) - common == _WITHOUT_SECRET | {"CreateSecret"}


def test_own_keys_are_those_of_the_reference() -> None:
    """What an action has besides the common keys."""
    own = {name: sorted(set(action.keys) - set(COMMON)) for name, action in ACTIONS.items()}
    assert own["GetSecretValue"] == ["secretsmanager:VersionId", "secretsmanager:VersionStage"]
    assert own["PutResourcePolicy"] == ["secretsmanager:BlockPublicPolicy"]
    assert own["TagResource"] == ["aws:RequestTag/${TagKey}", "aws:TagKeys"]
    assert own["UpdateSecretVersionStage"] == ["secretsmanager:VersionStage"]
    assert len(own["CreateSecret"]) == 9
