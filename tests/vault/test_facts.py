"""Any change of what decides to whom keys are sealed is found; sessions of roles are no fact."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from secretctl import json_text
from secretctl.domain.principals import KINDS, USER, Role, User
from secretctl.errors import VaultDamagedError
from secretctl.vault import kms_grants, layout, principals, vouching
from secretctl.vault.facts import facts
from secretctl.vault.transaction import Transaction
from secretctl.vault.vault import FILE, Vault
from tests.conftest import Service
from tests.vault.forging import forging
from tests.vault.stored import of_kind, records_of
from tests.vault.test_format_access import Filled

Write = Callable[[Transaction], None]


@pytest.fixture
def vault(service: Service) -> Vault:
    """A vault with something of everything that access control stores."""
    return Filled(service).session.vault


def shown(vault: Vault) -> list[str]:
    """Return what the owner does not vouch for."""
    with vault.read() as view:
        try:
            return [fact.shown for fact in vouching.unvouched(view)]
        except VaultDamagedError as error:  # what was drawn is no such record at all
            return [error.message]


def other(draw: st.DataObject, value: Any) -> Any:
    """Return another value of the same type."""
    if isinstance(value, tuple | list):
        return _other_elements(draw, list(value))
    if isinstance(value, int):
        return draw.draw(st.integers(0, 2**50).filter(lambda each: each != value))
    return draw.draw(st.text(max_size=70).filter(lambda each: each != value))


def _other_elements(draw: st.DataObject, value: list[Any]) -> list[Any]:
    """Change an element of several, or add one."""
    at = draw.draw(st.integers(0, len(value)))
    new = other(draw, value[min(at, len(value) - 1)]) if value else draw.draw(st.text(max_size=5))
    assume(new not in value)  # the same once more is nothing new
    return [*value[:at], new, *value[at + 1 :]]


def forged_principal(draw: st.DataObject, vault: Vault) -> Write:
    """Change a member of a user, group, role or policy."""
    with vault.read() as view:
        entity = draw.draw(
            st.sampled_from([each for kind in KINDS for each in principals.all_of(view, kind)])
        )
        kind = next(kind for kind, made in KINDS.items() if isinstance(entity, made))
        where = principals.place(view, kind, entity.name)
    members: dict[str, Any] = json_text.read(json_text.compact(entity._asdict()))
    name = draw.draw(st.sampled_from(sorted(members.keys() - {"sessions"})))
    members[name] = _paired(name, other(draw, members[name]))
    plain = json_text.compact(members).encode()
    return lambda seen: seen.put_sealed(b"principal", where, plain)


def _paired(name: str, value: Any) -> Any:
    """Let what was drawn for a member of several parts have as many as its record."""
    widths = {"inline": 2, "tags": 2, "access_keys": 4, "versions": 3}
    if name not in widths:
        return value
    wide = widths[name]
    return [each if isinstance(each, list) else [each] * wide for each in value]


def forged_grant(draw: st.DataObject, vault: Vault) -> Write:
    """Change a field of a grant."""
    with vault.read() as view:
        grant = draw.draw(st.sampled_from(kms_grants.all_of(view)))
        where = kms_grants.place(view, grant)
    at = draw.draw(st.integers(0, 7))
    fields = [*grant[:at], other(draw, grant[at]), *grant[at + 1 :]]
    plain = json_text.compact(fields).encode()
    return lambda seen: seen.put_sealed(b"kms-grant", where, plain)


def forged_key(draw: st.DataObject, vault: Vault) -> Write:
    """Change a byte of what is sealed to somebody, or seal something more."""
    records = records_of(Path(vault.directory, FILE))
    where = draw.draw(st.sampled_from(of_kind(records, layout.GRANT)))
    stored = bytearray(records[where])
    stored[draw.draw(st.integers(0, len(stored) - 1))] ^= draw.draw(st.integers(1, 255))
    to = draw.draw(st.sampled_from([where, where[:-1] + bytes([where[-1] ^ 1])]))
    return lambda seen: seen.put_record(to, bytes(stored))


def forged_material(draw: st.DataObject, vault: Vault) -> Write:
    """Let a KMS key have material that is another's, or nobody's."""
    with vault.read() as view:
        directory = view.kms_directory()
    one, two = draw.draw(st.permutations(sorted(directory.keys.values())))[:2]
    materials = (*one.materials, draw.draw(st.sampled_from(two.materials)))
    keys = {**directory.keys, one.id: one._replace(materials=materials)}
    return lambda seen: seen.put_kms_directory(directory._replace(keys=keys))


@given(st.data())
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_change_of_any_fact_is_found(vault: Vault, data: st.DataObject) -> None:
    """Of any member of any record; and nothing is found once it is as it was."""
    kinds = [forged_principal, forged_grant, forged_key, forged_material]
    forged = data.draw(st.sampled_from(kinds))(data, vault)
    before = records_of(Path(vault.directory, FILE))
    with forging(vault) as transaction:
        forged(transaction)
    after = records_of(Path(vault.directory, FILE))
    found = shown(vault)
    with forging(vault) as transaction:
        for key in after.keys() - before.keys():
            transaction.delete_record(key)
        for key, value in before.items():
            if key != layout.STATE and after.get(key) != value:
                transaction.put_record(key, value)
    assert found
    assert shown(vault) == []


def test_what_principals_may_write_is_no_fact(vault: Vault) -> None:
    """Sessions of a role; and what is gone is only a loss."""
    with forging(vault) as transaction:
        (role,) = principals.all_of(transaction, "role")
        assert isinstance(role, Role)
        principals.put(transaction, role._replace(sessions=(("ASIA", "1"),)))
        for where in list(transaction.stored_keys(layout.KMS_GRANT)):
            transaction.delete_record(where)
        for where in list(transaction.stored_keys(layout.GRANT)):
            transaction.delete_record(where)
    assert shown(vault) == []


def test_what_is_shown_has_names_and_no_keys(vault: Vault) -> None:
    """Of each fact: whom it is about, and the command that takes it away."""
    with vault.read() as view:
        told = " ".join(f"{fact.shown} {fact.mend}" for fact in facts(view))
        users = [each for each in principals.all_of(view, USER) if isinstance(each, User)]
    assert "the user Ci: public_key" in told
    for user in users:
        assert user.public_key not in told
        assert not [key for key in user.access_keys if key.public_key in told]
