"""fsck of what the vault knows of principals: damaged, missing, exchanged, added."""

from collections.abc import Callable
from pathlib import Path

import pytest

from secretctl.vault import fsck, layout
from secretctl.vault.vault import Vault
from tests.conftest import Service
from tests.service.iam.conftest import READ, TRUST, Iam
from tests.vault.stored import Records, change, drop, of_kind, records_of

DIGEST = "the digest does not match: a record was added, removed or put back"
MARKS = {
    "principal": layout.PRINCIPAL,
    "private key": layout.PRIVATE_KEY,
    "credential": layout.CREDENTIAL,
}


@pytest.fixture
def vault(service: Service) -> Vault:
    """A vault with users who have access keys, a role, a group and a policy."""
    iam = Iam(service.session)
    for name in ("ci", "eve"):
        iam("CreateUser", UserName=name)
        iam("CreateAccessKey", UserName=name)
    iam("CreateGroup", GroupName="g")
    iam("CreateRole", RoleName="r", AssumeRolePolicyDocument=TRUST)
    iam("CreatePolicy", PolicyName="p", PolicyDocument=READ)
    return service.session.vault


@pytest.fixture
def path(vault: Vault) -> Path:
    """Its file."""
    return Path(vault.directory, "vault.db")


def problems(vault: Vault) -> list[str]:
    """Return what fsck finds, but for the digest, which tells of every change."""
    found = fsck.check(vault).problems
    assert DIGEST in found
    return [each for each in found if each != DIGEST]


def test_a_vault_with_principals_is_sound(vault: Vault) -> None:
    """As they were made."""
    assert fsck.check(vault).problems == ()


@pytest.mark.parametrize("kind", MARKS)
def test_a_missing_record_is_found(vault: Vault, path: Path, kind: str) -> None:
    """A principal's leaves its keys to nobody; a key is missed by its principal."""
    key = of_kind(records_of(path), MARKS[kind])[-1]
    drop(path, key)
    found = " ".join(problems(vault)) if kind != "principal" else str(fsck.check(vault).problems)
    expected = {
        "principal": "a record belongs to no principal",
        "private key": "a principal's key is damaged",
        "credential": "an access key opens nothing: AKIA",
    }
    assert expected[kind] in found


@pytest.mark.parametrize("kind", [*MARKS])
def test_a_damaged_record_is_found(vault: Vault, path: Path, kind: str) -> None:
    """By itself where it opens with the root key; a credential with the secret that is kept."""
    records = records_of(path)
    for key in of_kind(records, MARKS[kind]):
        change(path, {key: records[key][:-1] + bytes([records[key][-1] ^ 1])})
    found = problems(vault)
    assert found
    known = ("damaged", "belongs to no", "the owner does not vouch for it", "does not open what")
    assert not [each for each in found if not any(part in each for part in known)]


@pytest.mark.parametrize("kind", [*MARKS])
def test_exchanged_records_are_found(vault: Vault, path: Path, kind: str) -> None:
    """Of one kind; each is whole, and in the wrong place."""
    records = records_of(path)
    left, right = two_of_one_sort(records, MARKS[kind])
    change(path, {left: records[right], right: records[left]})
    assert problems(vault)


def two_of_one_sort(records: Records, mark: bytes) -> list[bytes]:
    """Return two keys of records, of principals two users."""
    keys = of_kind(records, mark)
    return [key for key in keys if mark != layout.PRINCIPAL or key[1:2] == b"u"][:2]


def _principal() -> bytes:
    return layout.PRINCIPAL + b"u" + bytes(16)


def _private() -> bytes:
    return layout.PRIVATE_KEY + bytes(16)


def _credential() -> bytes:
    return layout.CREDENTIAL + bytes(16)


def _grant() -> bytes:
    return layout.GRANT + bytes(32)


@pytest.mark.parametrize("key_of", [_principal, _private, _credential, _grant])
def test_an_added_record_is_nobodys(vault: Vault, path: Path, key_of: Callable[[], bytes]) -> None:
    """Somebody without keys can add bytes; they are named by their place."""
    key = key_of()
    change(path, {key: b"x" * 200})
    found = problems(vault)
    assert f"a record belongs to no principal: {key.hex()}" in found


def test_an_older_record_put_back_is_found(vault: Vault, path: Path, service: Service) -> None:
    """A user before the key was taken out of use: the digest and the key's record tell."""
    records = records_of(path)
    iam = Iam(service.session)
    key_id = iam("ListAccessKeys", UserName="ci")["AccessKeyMetadata"][0]["AccessKeyId"]
    iam("UpdateAccessKey", UserName="ci", AccessKeyId=key_id, Status="Inactive")
    after = records_of(path)
    back = {
        key: value
        for key, value in records.items()
        if key[:1] == layout.PRINCIPAL and value != after[key]
    }
    assert len(back) == 1
    change(path, back)
    by_owner, by_pair, by_key = problems(vault)
    assert by_pair == "a principal's key is damaged: ci"
    assert by_key == f"an access key is not Active, as it should be: {key_id}"
    assert by_owner.startswith("the owner does not vouch for it: the user ci was changed (")
