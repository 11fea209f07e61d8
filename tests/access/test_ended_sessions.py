"""A session ends: its credential opens nothing, and who comes with it is told why, and named."""

import pytest

from secretctl.domain.credential import Given, session_token
from secretctl.errors import ServiceError
from secretctl.model import operations, sts
from secretctl.service.dispatch import call
from secretctl.service.opening import begin
from secretctl.vault.vault import LockedVault
from tests.access.conftest import Account
from tests.access.test_sessions import ALICE, ASSUME, LIST, make_role, trusting
from tests.conftest import World


def test_a_session_ends(root: Account, user: Account, world: World) -> None:
    """Then its credential opens nothing, and AWS's error says so."""
    make_role(root, trusting(ALICE))
    session = root.holding(user.must(*ASSUME, "--duration-seconds", "900")["Credentials"])
    world.clock.pass_ms(899_000)
    assert session(*LIST).status == 0
    world.clock.pass_ms(1_000)
    said = session(*LIST)
    assert (said.status, said.code) == (254, "ExpiredTokenException")
    assert said.sentence == "The security token included in the request is expired"
    assert session("kms", "list-keys").code == "ExpiredTokenException"
    for words in (("sts", "get-caller-identity"), ("iam", "get-user")):
        asked = session(*words)
        assert (asked.code, asked.sentence) == ("ExpiredToken", said.sentence)
    user.must(*ASSUME)
    asked = session(*LIST)
    assert (asked.code, asked.sentence) == (said.code, said.sentence)
    assert root("fsck").status == 0


def test_a_session_ends_while_it_is_used(root: Account, user: Account, world: World) -> None:
    """Whoever has opened the vault with it before is refused from then on."""
    make_role(root, trusting(ALICE))
    held = user.must(*ASSUME, "--duration-seconds", "900")["Credentials"]
    given = Given(held["AccessKeyId"], held["SecretAccessKey"], held["SessionToken"])
    vault = LockedVault(world.directory).unlock_with(given, world.context.random)
    assert vault is not None
    session = begin(world.context, vault, "us-east-1")
    world.clock.pass_ms(900_000)
    for operation, code in (
        (sts.BY_NAME["GetCallerIdentity"], "ExpiredToken"),
        (operations.BY_NAME["ListSecrets"], "ExpiredTokenException"),
    ):
        with pytest.raises(ServiceError) as caught:
            call(session, operation, {})
        assert caught.value.code == code
    session.close()


def test_who_comes_with_a_session_that_has_ended_is_on_record(
    root: Account, user: Account, world: World
) -> None:
    """By name, as long as its credential proves it, and then by the id of its access key."""
    make_role(root, trusting(ALICE))
    session = root.holding(user.must(*ASSUME, "--duration-seconds", "900")["Credentials"])
    world.clock.pass_ms(900_000)
    for named in (True, False):
        session(*LIST)
        record = root("audit", "tail", "-n", "1").out
        assert '"errorCode":"ExpiredTokenException"' in record
        assert f'"accessKeyId":"{session.environ["SECRETCTL_ACCESS_KEY_ID"]}"' in record
        assert (":assumed-role/deploy/release-1" in record) is named
        user.must(*ASSUME)


def test_a_session_that_was_never_there_has_not_ended(user: Account) -> None:
    """A token that tells no end, or one to come, is invalid."""
    user.environ["SECRETCTL_ACCESS_KEY_ID"] = "ASIA" + "A" * 16
    for token in ("", "token", "A" * 8, session_token(1 << 60, bytes(88))):
        user.environ["SECRETCTL_SESSION_TOKEN"] = token
        assert user(*LIST).code == "UnrecognizedClientException"
