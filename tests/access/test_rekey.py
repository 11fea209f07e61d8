"""A rekey changes every key and nothing else; what anybody kept of the old ones opens nothing."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from secretctl.audit.verdict import Verdict
from secretctl.cli import opening, places
from secretctl.service.proof import verified
from secretctl.vault.fsck import check
from tests.access.conftest import Account
from tests.access.rekeyed import (
    People,
    assumed,
    file_key,
    fill,
    forget,
    key_file,
    seen,
    value_of,
)
from tests.conftest import World
from tests.vault import independent_reader as reader
from tests.vault.independent_contents import secret_keys
from tests.vault.independent_directory import SUITE
from tests.vault.stored import records_of

FIELDS = (
    *(b"access", b"key-directory", b"kek", b"state", b"secret", b"value", b"principal"),
    *(b"vouched-records", b"private-key", b"kms-grant", b"credential", b"inactive-credential"),
)
DB = "vault.db"


@pytest.fixture
def people(root: Account, world: World) -> People:
    """A vault with something of everything."""
    return fill(root, world)


def assert_sound(world: World) -> None:
    """Check vault and journal as a whole."""
    vault = opening.open_vault(world.directory, world.context)
    try:
        assert check(vault).problems == ()
        trust = places.trust_file(world.context.environ, vault.keys.vault_id.hex())
        report = verified(vault, trust, [], deep=True)
        assert (report.verdict, report.findings) == (Verdict.INTACT, ())
    finally:
        vault.close()


def owners_keys(world: World) -> set[bytes]:
    """Return every key that the owner has, the key file's too."""
    opener = file_key(key_file(world))
    vault = reader.open_vault(f"{world.directory}/{DB}", file_key=opener)
    slot = reader._derive(opener, "slot/key-file", vault.vault_id)
    return {opener, slot} | secret_keys(vault, reader._derive)


def credentials_key(account: Account, world: World) -> bytes:
    """Return the private key that a credential gives."""
    secret = account.environ["SECRETCTL_SECRET_ACCESS_KEY"]
    token = account.environ["SECRETCTL_SESSION_TOKEN"]
    vault_id = bytes.fromhex(key_file(world).stem)
    found: bytes = reader._derive(f"{secret}\0{token}".encode(), "credential", vault_id)
    return found


def opened(path: Path, keys: set[bytes], vault_id: bytes) -> set[tuple[bytes, bytes]]:
    """Return kind and field of all that one of *keys* opens of the vault at *path*."""
    found = set()
    for key, stored in records_of(path).items():
        found |= {
            (key[:1], field)
            for field, where, sealed in _sealed(key, stored, vault_id)
            if any(_opens(each, where, sealed) for each in keys)
        }
        for field, begin in ((b"grant", 0), (b"credential-key", 0), (b"credential-key", 1)):
            info = b"secretctl/v1/recipient\0" + reader.ctx(b"record", vault_id, field, key)
            if any(_opens_pair(each, info, stored[begin + 1 : begin + 81]) for each in keys):
                found.add((key[:1], field))
        info = b"secretctl/v1/recipient\0" + reader.ctx(b"record", vault_id, b"escrow", key)
        if any(_opens_pair(each, info, stored[1:]) for each in keys):
            found.add((key[:1], b"escrow"))
    return found


def _sealed(key: bytes, stored: bytes, vault_id: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Yield field, context and bytes of all that may be sealed in a record."""
    fields = [*FIELDS, b"data-key/" + stored[:16]]
    for field in fields:
        for begin, end in ((0, None), (16, 161), (161, None), (81, None), (1, None)):
            sealed = stored[begin:end]
            if sealed[:1] == b"\1" and len(sealed) >= 145:
                name = field.partition(b"/")[0]
                yield name, reader.ctx(b"record", vault_id, field, key), sealed


def _opens(key: bytes, where: bytes, sealed: bytes) -> bool:
    okm = reader.expand(key, b"secretctl/v1/seal\0" + sealed[1:33] + where, 64)
    return bool(okm[32:] == sealed[33:65])


def _opens_pair(key: bytes, info: bytes, sealed: bytes) -> bool:
    try:
        SUITE.decrypt(sealed, X25519PrivateKey.from_private_bytes(key), info)
    except (InvalidTag, ValueError):
        return False
    return True


@pytest.mark.usefixtures("people")
def test_everything_but_keys_is_what_it_was(root: Account, world: World) -> None:
    """Secrets, versions, labels, tags, policies, KMS keys, principals, access keys and grants."""
    before = seen(world)
    kinds = before.secrets, before.values, before.due, before.principals, before.grants, before.keys
    assert all(kinds)
    assert before.assumable
    for _ in range(2):
        assert root("rekey").status == 0
        assert seen(world) == before
        assert_sound(world)


def test_what_anybody_kept_opens_no_record(root: Account, world: World, people: People) -> None:
    """Root key, access keys, key-encryption keys, data keys, key pairs; credentials that ended.

    The same search finds what the new keys open.
    """
    vault_id, path = bytes.fromhex(key_file(world).stem), Path(world.directory, DB)
    kept = owners_keys(world)
    kept |= {credentials_key(each, world) for each in (people.gone, people.session)}
    assert len(opened(path, kept, vault_id)) > 12
    forget(root, people)
    assert root("rekey").status == 0
    assert opened(path, kept, vault_id) == set()
    of_owner = opened(path, owners_keys(world), vault_id)
    assert len(of_owner) > 11
    assert (b"e", b"escrow") in of_owner
    of_ci = {credentials_key(people.ci, world)}
    assert opened(path, of_ci, vault_id) == {(b"c", b"credential-key")}


@pytest.mark.usefixtures("people")
def test_no_place_of_before_is_a_place_of_now(root: Account, world: World) -> None:
    """Hashes of names, days and ids are others, and so are the ids of key-encryption keys."""
    path = Path(world.directory, DB)
    before = records_of(path)
    assert root("rekey").status == 0
    after = records_of(path)
    same = {key for key in before.keys() & after.keys() if key[:1] not in b"ce"}
    assert same == {b"h", b"a", b"i", b"o", b"d"}
    assert not set(before.values()) & set(after.values()) - {b"\1"}


@pytest.mark.usefixtures("people")
def test_nothing_of_the_old_file_is_in_the_vaults_folder(root: Account, world: World) -> None:
    """No draft, no journal of SQLite's, and the old file itself is overwritten."""
    path = Path(world.directory, DB)
    before = records_of(path)
    with path.open("rb") as old:
        assert root("rekey").status == 0
        assert set(old.read()) == {0}
    names = {each.name for each in Path(world.directory).iterdir()}
    assert names == {DB, "audit", "policies", "vault.lock", "vault.lock.queue"}
    content = path.read_bytes()
    assert not [value for value in before.values() if len(value) > 16 and value in content]


def test_access_keys_stay_good_and_sessions_end(
    root: Account, world: World, people: People
) -> None:
    """One that is Inactive stays so until it is put back; who is deleted stays so."""
    for _ in range(2):
        assert root("rekey").status == 0
        assert value_of(people.ci, "n/1").startswith("ü second 1")
        assert value_of(people.session, "n/1") == "UnrecognizedClientException"
        assert value_of(assumed(root, people.ci), "n/0").startswith("ü second 0")
    assert value_of(people.idle, "n/1") == "UnrecognizedClientException"
    key_id = people.idle.environ["SECRETCTL_ACCESS_KEY_ID"]
    user = ("--user-name", "idle", "--access-key-id", key_id)
    root.must("iam", "update-access-key", *user, "--status", "Active")
    assert people.idle.must("sts", "get-caller-identity")["Arn"].endswith("user/idle")
    words = ("--secret-id", "n/1", "--secret-string", "third")
    assert people.ci("put-secret-value", *words).code == "AccessDeniedException"
    root.must("put-secret-value", *words)
    assert value_of(people.ci, "n/1") == "third"
    assert_sound(world)


@pytest.mark.usefixtures("people")
def test_keys_are_in_the_state_that_they_were_in(root: Account, world: World) -> None:
    """A disabled one decrypts nothing until it is enabled, a deleted one nothing for good."""
    assert root("rekey").status == 0
    assert value_of(root, "n/3") == value_of(root, "n/4") == "DecryptionFailure"
    root.must("kms", "enable-key", "--key-id", "off")
    assert value_of(root, "n/3").startswith("ü second 3")
    assert value_of(root, "n/3", "--version-stage", "AWSPREVIOUS") == "first 3"
    assert root("get-secret-value", "--secret-id", "n/4").err.count("does not exist") == 1
    for key in ("plain", "alias/prod"):
        words = ("kms", "rotate-key-on-demand", "--rewrap", "--key-id")
        key_id = root.must("kms", "describe-key", "--key-id", key)["KeyMetadata"]["KeyId"]
        root.must(*words, key_id)
    root.must("restore-secret", "--secret-id", "n/2")
    assert value_of(root, "n/2").startswith("ü second 2")
    assert_sound(world)


def test_an_older_vault_put_back_deceives_nobody_who_saw_the_new_one(
    root: Account, world: World, people: People, tmp_path: Path
) -> None:
    """The owner's key file does not open it, and a principal, whose credential does, is refused."""
    shutil.copy(Path(world.directory, DB), tmp_path / DB)
    assert root("rekey").status == 0
    assert value_of(people.ci, "n/1").startswith("ü second 1")
    shutil.copy(tmp_path / DB, Path(world.directory, DB))
    for account, words in ((root, "does not open"), (people.ci, "under other keys")):
        said = account("get-secret-value", "--secret-id", "n/1")
        assert (said.status, words in said.err) == (253, True)
        assert "canary" not in said.out
