"""A caller's policy that is changed while their rotation runs."""

import json
from collections.abc import Iterator

import pytest

from secretctl.rotation import engine
from secretctl.rotation.steps import CREATE, FINISH, SET, Function, RotationError, Step
from secretctl.rotation.versions import finish
from secretctl.service.opening import begin
from secretctl.vault.vault import LockedVault, Vault
from tests.conftest import Service, World, operating
from tests.rotation.conftest import BUILTIN, SECRET, Rotator, lacking
from tests.rotation.test_engine import put
from tests.service.conftest import Other, Told, given_key


@pytest.fixture
def iam(world: World, vault: Vault) -> Iterator[Other]:
    """What the owner does of users."""
    with operating(world.context, vault) as service:
        yield Other(service.session, "iam")


def say(iam: Other, effect: str, action: str) -> None:
    """Let or forbid the user an action, in a policy of that name."""
    said = {"Effect": effect, "Action": f"secretsmanager:{action}", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": said})
    iam("PutUserPolicy", UserName="eve", PolicyName=effect, PolicyDocument=document)


@pytest.fixture
def theirs(iam: Other, world: World) -> Iterator[Service]:
    """Operations of a user who may do all."""
    iam("CreateUser", UserName="eve")
    say(iam, "Allow", "*")
    opened = LockedVault(world.directory).unlock_with(given_key(iam, "eve"), world.context.random)
    assert opened is not None
    session = begin(world.context, opened, "us-east-1", lacking)
    yield Service(session)
    session.close()


@pytest.mark.parametrize(
    ("action", "denied_in", "fails_in"),
    [("PutSecretValue", SET, ""), ("PutSecretValue", CREATE, CREATE), ("*", SET, FINISH)],
)
def test_what_a_policy_forbids_meanwhile_is_a_failed_step(
    rotator: Rotator,
    iam: Other,
    theirs: Service,
    world: World,
    action: str,
    denied_in: str,
    fails_in: str,
) -> None:
    """From the next call on; it is in the journal, and whoever still may goes on with the version.

    What was put before stays, so that a policy against putting stops no later step.
    """
    asked = {"SecretId": SECRET, "RotationLambdaARN": BUILTIN}
    version = str(theirs("RotateSecret", **asked)["VersionId"])

    def run(step: Step) -> None:
        if step.name == denied_in:
            say(iam, "Deny", action)
        if step.name == CREATE:
            put(step)
        if step.name == FINISH:
            finish(step)

    told, session = Told(world), theirs.session
    steps: list[str] = []
    told.lines()
    if fails_in:
        with pytest.raises(RotationError, match=f"failed in {fails_in}: .*not authorized"):
            engine.rotate(session, rotator.arn, version, Function("test", run), steps.append)
        session.recorder.flush()
        *_, failed = map(json.loads, told.lines())
        assert failed["eventName"] == "RotationFailed"
        assert failed["additionalEventData"]["step"] == fails_in
        rotator.rotate(version)
    else:
        engine.rotate(session, rotator.arn, version, Function("test", run), steps.append)
    assert rotator.labels[version] == ["AWSCURRENT"]
