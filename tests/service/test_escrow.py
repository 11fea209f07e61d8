"""Secrets of access keys: kept for the owner alone, and believed only where they are proven."""

from collections.abc import Callable

import pytest

from secretctl.crypto.recipients import public_key, seal_to
from secretctl.crypto.seal import seal
from secretctl.domain.credential import Given, session_token
from secretctl.domain.principals import USER, AccessKey, User
from secretctl.errors import OwnerOnlyError, VaultDamagedError
from secretctl.service.rekey_survey import survey
from secretctl.service.session import Session
from secretctl.service.unvouched import drop, listed
from secretctl.vault import credentials, escrow, fsck, layout, principals, proven
from secretctl.vault.unlocked import Holder
from secretctl.vault.vault import LockedVault
from tests.conftest import START_MS, Service, World
from tests.service.conftest import Other
from tests.service.planted import ARN, MINE, Scene
from tests.vault.stored import of_kind, records_of

HOUR_MS = 3_600_000
ANSWERS_TO = {"RoleArn": f"{ARN}:role/dep", "RoleSessionName": "run"}


@pytest.fixture
def scene(service: Service, as_user: Callable[[str], Session]) -> Scene:
    """Bob has an access key and may become dep; eve has another program."""
    return Scene(service, as_user)


def kept(scene: Scene, key_id: str) -> str:
    """Return the secret that the owner finds."""
    with scene.vault.read() as view:
        return escrow.opened(view, credentials.place(view.keys.vault_id, key_id))


def as_bob(world: World, scene: Scene) -> Session:
    """Return a session that bob's access key opened."""
    vault = LockedVault(world.directory).unlock_with(scene.bobs, world.context.random)
    assert vault is not None
    return world.begin(vault)


def assumed(session: Session) -> Given:
    """Begin a session of the role."""
    found = Other(session, "sts")("AssumeRole", **ANSWERS_TO)["Credentials"]
    assert isinstance(found, dict)
    return Given(found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])


def asked(scene: Scene, given: Given, now_ms: int = START_MS) -> bool:
    """Ask whether a credential that opens is as the owner vouches for."""
    locked = LockedVault(scene.vault.directory)
    opened = locked.unlock_with(given, scene.service.session.context.random)
    locked.close()
    assert opened is not None
    assert opened.keys.holder is not None
    with scene.vault.read() as view:
        return proven.is_proven(view, given, opened.keys.holder, now_ms)


def test_the_owner_alone_opens_what_is_kept(scene: Scene) -> None:
    """Nobody's credential does, and the file has the secret nowhere."""
    assert kept(scene, scene.bobs.key_id) == scene.bobs.secret
    with scene.eve.vault.read() as view, pytest.raises(OwnerOnlyError):
        escrow.opened(view, credentials.place(view.keys.vault_id, scene.bobs.key_id))
    assert scene.bobs.secret.encode() not in scene.path.read_bytes()


def test_a_principal_keeps_secrets_of_sessions_for_the_owner(world: World, scene: Scene) -> None:
    """It has no root key, and what it seals it cannot open again; so in a chain of roles."""
    bob = as_bob(world, scene)
    given = assumed(bob)
    assert kept(scene, given.key_id) == given.secret
    assert asked(scene, given)
    with bob.vault.read() as view, pytest.raises(OwnerOnlyError):
        escrow.opened(view, credentials.place(view.keys.vault_id, given.key_id))
    assert fsck.check(scene.vault).problems == ()


def test_a_credential_of_an_older_program_keeps_nothing(world: World, scene: Scene) -> None:
    """It does not know to whom; all else goes on, and a rekey makes it know."""
    bob = as_bob(world, scene)
    bob.vault.keys._escrow = b""
    given = assumed(bob)
    assert kept(scene, given.key_id) == ""
    assert fsck.check(scene.vault).problems == ()
    assert survey(scene.service.session).kept == 2


def test_a_secret_goes_with_its_access_key(world: World, scene: Scene) -> None:
    """Of a session that ended too, and of a role that is deleted; an Inactive key keeps its own."""
    given = assumed(as_bob(world, scene))
    user = {"UserName": "bob", "AccessKeyId": scene.bobs.key_id}
    scene.iam("UpdateAccessKey", Status="Inactive", **user)
    assert kept(scene, scene.bobs.key_id) == scene.bobs.secret
    scene.iam("DeleteAccessKey", **user)
    assert kept(scene, scene.bobs.key_id) == ""
    scene.iam("DeleteRole", RoleName="dep")
    assert kept(scene, given.key_id) == ""
    assert len(of_kind(records_of(scene.path), layout.ESCROW)) == 1  # eve's
    assert fsck.check(scene.vault).problems == ()


@pytest.mark.parametrize("how", ["another secret", "bytes", "of nobody"])
def test_what_is_put_in_its_place_is_found_and_dropped(scene: Scene, how: str) -> None:
    """Sealed to the owner, as anybody can, or not; the access key then needs a new one."""
    where = credentials.place(scene.vault.keys.vault_id, scene.bobs.key_id)
    if how == "of nobody":
        where = layout.CREDENTIAL + bytes(16)
    if how == "bytes":
        scene.plant(lambda seen: seen.put_record(escrow.place(where), b"\1" + bytes(100)))
    else:
        scene.plant(lambda seen: escrow.keep(seen, seen.keys, where, "x" * 40))
    (problem,) = fsck.check(scene.vault).problems
    assert ("belongs to no" in problem) == (how == "of nobody")
    assert ("not its own" in problem) == (how != "of nobody")
    with pytest.raises(VaultDamagedError):
        survey(scene.service.session)
    (found,) = listed(scene.service.session)
    drop(scene.service.session, [found.place])
    assert kept(scene, scene.bobs.key_id) == ("" if how != "of nobody" else scene.bobs.secret)
    scene.is_mended()


def planted(scene: Scene, given: Given, holder: Holder) -> Given:
    """Let eve put a credential of her own making in the place of one, with its secret."""
    vault_id = scene.vault.keys.vault_id
    public = credentials.public_of(given, vault_id)
    where = credentials.place(vault_id, given.key_id)
    scene.plant(lambda seen: credentials.put(seen, seen.keys, public, holder))
    scene.plant(lambda seen: escrow.keep(seen, seen.keys, where, given.secret))
    return given


def test_nobody_is_believed_to_be_somebody_else(scene: Scene) -> None:
    """Whatever eve writes in the place of bob's credential, or of one that she makes up."""
    bob = scene.user("bob")
    holder = Holder(scene.bobs.key_id, USER, "bob", "/", bob.id, b"\x11" * 32)
    hers = scene.bobs._replace(secret="e" * 40)
    with pytest.raises(VaultDamagedError, match="not as the owner made it"):
        asked(scene, planted(scene, hers, holder))
    same = planted(scene, scene.bobs, holder)  # his secret, which she does not know; no key of his
    with pytest.raises(VaultDamagedError, match="not as the owner made it"):
        asked(scene, same)
    made_up = hers._replace(key_id="AKIA" + "E" * 16)
    with pytest.raises(VaultDamagedError, match="not as the owner made it"):
        asked(scene, planted(scene, made_up, holder._replace(key_id=made_up.key_id)))


def test_a_credential_that_names_another_access_key_opens_nothing(scene: Scene) -> None:
    """What the record says of itself is compared with the id that was asked for."""
    keys, given = scene.vault.keys, scene.bobs
    where = credentials.place(keys.vault_id, given.key_id)
    with scene.vault.read() as view:
        stored = view.stored_record(where)
    assert stored is not None
    assert credentials.unlocked(given, keys.vault_id, stored) is not None
    plain = credentials._opened(given, keys.vault_id, stored)
    other = plain.replace(given.key_id.encode(), b"AKIA" + b"E" * 16)
    assert other != plain
    public, key = credentials.public_of(given, keys.vault_id), bytes(32)
    sealed_key = seal_to(public, keys.where(b"credential-key", where), key)
    forged = sealed_key + seal(key, keys.where(b"credential", where), other)
    with pytest.raises(VaultDamagedError):
        credentials.unlocked(given, keys.vault_id, forged)


def test_a_private_key_alone_makes_no_access_key(scene: Scene) -> None:
    """Eve has her own: another access key of hers is one that the owner did not make."""
    assert scene.eve.caller.holder is not None
    hers = Given("AKIA" + "E" * 16, "e" * 40)
    holder = scene.eve.caller.holder._replace(key_id=hers.key_id)
    with pytest.raises(VaultDamagedError, match="not as the owner made it"):
        asked(scene, planted(scene, hers, holder))


def test_a_session_needs_the_roles_private_key(world: World, scene: Scene) -> None:
    """And ends within twelve hours; who has that key can begin one as they like."""
    bob = as_bob(world, scene)
    given = assumed(bob)
    real = LockedVault(world.directory).unlock_with(given, world.context.random)
    assert real is not None
    assert real.keys.holder is not None
    holder = real.keys.holder
    token = session_token(START_MS + HOUR_MS, bytes(88))
    hers = Given("ASIA" + "E" * 16, "e" * 40, token)
    mine = holder._replace(key_id=hers.key_id)
    for right in (START_MS + HOUR_MS, START_MS + 12 * HOUR_MS):
        assert asked(scene, planted(scene, hers, mine._replace(expires_ms=right)))
    for wrong in (
        {"private_key": b"\x11" * 32},
        {"expires_ms": 0},
        {"expires_ms": START_MS + 12 * HOUR_MS + 1},
        {"kind": USER, "name": "bob", "id": scene.user("bob").id},
    ):
        with pytest.raises(VaultDamagedError):
            asked(scene, planted(scene, hers, mine._replace(**wrong)))
    for gone in (mine._replace(id="AROA" + "A" * 17), mine._replace(name="gone")):
        assert not asked(scene, planted(scene, hers, gone))


def test_a_principal_that_was_changed_by_another_program_is_refused(scene: Scene) -> None:
    """With an access key in its record that the owner did not make: what to type is said."""
    eve, hers = scene.user("eve"), Given("AKIA" + "E" * 16, "e" * 40)
    public = credentials.public_of(hers, scene.vault.keys.vault_id).hex()
    key = eve.access_keys[0]._replace(id=hers.key_id, public_key=public)
    holder = scene.eve.caller.holder
    assert holder is not None
    scene.plant(
        lambda seen: principals.put(seen, eve._replace(access_keys=(*eve.access_keys, key)))
    )
    planted(scene, hers, holder._replace(key_id=hers.key_id))
    with pytest.raises(VaultDamagedError, match="the user eve was changed") as caught:
        asked(scene, hers)
    assert caught.value.hints[1].startswith("secretctl vouching drop ")
    with pytest.raises(VaultDamagedError):
        asked(scene, given_of(scene))


def test_a_principal_that_another_program_made_is_refused(scene: Scene) -> None:
    """Though all of it agrees: its private key, and an access key with its secret."""
    hers = Given("AKIA" + "E" * 16, "e" * 40)
    public = credentials.public_of(hers, scene.vault.keys.vault_id).hex()
    key = AccessKey(hers.key_id, START_MS, public_key=public)
    own = public_key(MINE).hex()
    made = User("mallory", "AIDA" + "E" * 17, "/", START_MS, public_key=own, access_keys=(key,))
    scene.plant(lambda seen: principals.put(seen, made))
    planted(scene, hers, Holder(hers.key_id, USER, made.name, "/", made.id, MINE))
    with pytest.raises(VaultDamagedError, match="the user mallory is not the owner's"):
        asked(scene, hers)


def given_of(scene: Scene) -> Given:
    """Return eve's own access key, as the owner finds it."""
    assert scene.eve.caller.holder is not None
    key_id = scene.eve.caller.holder.key_id
    return Given(key_id, kept(scene, key_id))
