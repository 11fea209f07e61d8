"""fsck finds what is missing, damaged or nobody's of keys and grants."""

from collections.abc import Callable

import pytest

from secretctl.domain import kms as rules
from secretctl.vault import layout
from secretctl.vault.fsck import check
from secretctl.vault.transaction import Transaction
from tests.conftest import Service
from tests.service.conftest import Other, new_key
from tests.vault.forging import forging

CI = "arn:aws:iam::000000000000:user/ci"
Change = Callable[[Transaction, str], None]


@pytest.fixture
def key_id(service: Service) -> str:
    """A key that is granted to a user, of two materials."""
    kms, iam = Other(service.session, "kms"), Other(service.session, "iam")
    made = new_key(kms, "alias/k")
    service("CreateSecret", Name="a", SecretString="v", KmsKeyId=made)
    iam("CreateUser", UserName="ci")
    kms("CreateGrant", KeyId=made, GranteePrincipal=CI, Operations=["Decrypt"])
    kms("RotateKeyOnDemand", KeyId=made)
    return made


def without_material(transaction: Transaction, key_id: str) -> None:
    """Lose material that values are under."""
    first = transaction.kms_directory().keys[key_id].materials[0]
    transaction.delete_record(layout.KEK + bytes.fromhex(first.id))


def without_the_key(transaction: Transaction, key_id: str) -> None:
    """Let the directory forget a key, its alias left behind."""
    directory = transaction.kms_directory()
    keys = {name: each for name, each in directory.keys.items() if name != key_id}
    transaction.put_kms_directory(directory._replace(keys=keys))


def without_what_is_sealed(transaction: Transaction, key_id: str) -> None:
    """Lose what a grant sealed."""
    last = bytes.fromhex(transaction.kms_directory().keys[key_id].materials[-1].id)
    for where in list(transaction.stored_keys(layout.GRANT)):
        if where.endswith(last):
            transaction.delete_record(where)


def without_the_grant(transaction: Transaction, _key_id: str) -> None:
    """Lose the grants; what they sealed is left behind."""
    for where in list(transaction.stored_keys(layout.KMS_GRANT)):
        transaction.delete_record(where)


def moved_grant(transaction: Transaction, _key_id: str) -> None:
    """Put a grant at the place of another."""
    where = next(iter(transaction.stored_keys(layout.KMS_GRANT)))
    stored = transaction.stored_record(where)
    assert stored is not None
    transaction.put_record(where[:-1] + bytes((where[-1] ^ 1,)), stored)


def damaged_grant(transaction: Transaction, _key_id: str) -> None:
    """Replace a grant by bytes of nobody's."""
    transaction.put_record(next(iter(transaction.stored_keys(layout.KMS_GRANT))), bytes(200))


def lost_alias_target(transaction: Transaction, _key_id: str) -> None:
    """Let an alias stand for a key that never was."""
    alias = rules.Alias("none", 0, 0)
    directory = rules.with_alias(transaction.kms_directory(), "alias/lost", alias)
    transaction.put_kms_directory(directory)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (without_material, ["a key of the key directory is missing: "]),
        (without_the_key, ["a key is missing in the key directory: ", "a grant is on no key: "]),
        (without_what_is_sealed, ["a key is not sealed to whom it is granted: "]),
        (without_the_grant, ["a key is sealed to somebody without a grant: "]),
        (moved_grant, ["a record of the vault is damaged"]),
        (damaged_grant, ["a record of the vault is damaged"]),
        (lost_alias_target, ["an alias stands for no key: alias/lost"]),
    ],
)
def test_each_loss_is_named(service: Service, key_id: str, change: Change, told: list[str]) -> None:
    """A sound vault has nothing to tell; each of these has a sentence of its own."""
    vault = service.session.vault
    assert check(vault).problems == ()
    with forging(vault) as transaction:
        change(transaction, key_id)
    problems = check(vault).problems
    for sentence in told:
        assert any(problem.startswith(sentence) for problem in problems), problems
