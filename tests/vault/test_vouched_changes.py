"""Any change of what decides to whom keys are sealed is found, but sessions of roles."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from secretctl import json_text
from secretctl.domain import kms
from secretctl.domain.principals import KINDS, Role, User
from secretctl.vault import kms_grants, layout, principals, vouching
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
        found = vouching.differences(view, vouching.read(view), vouching.digests(view), 0)
        return [each.told for each in found]


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
def test_a_change_of_any_record_is_found(vault: Vault, data: st.DataObject) -> None:
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


def test_what_principals_may_write_is_no_difference(vault: Vault) -> None:
    """Sessions of a role; and of grants, what is gone is only a loss."""
    with forging(vault) as transaction:
        (role,) = principals.all_of(transaction, "role")
        assert isinstance(role, Role)
        principals.put(transaction, role._replace(sessions=(("ASIA", "1"),)))
        for where in list(transaction.stored_keys(layout.KMS_GRANT)):
            transaction.delete_record(where)
        for where in list(transaction.stored_keys(layout.GRANT)):
            transaction.delete_record(where)
    assert shown(vault) == []


def test_any_record_of_a_principal_that_is_gone_is_found(vault: Vault) -> None:
    """Users, groups, roles and policies: there may have been a denial in each."""
    with forging(vault) as transaction:
        for where in list(transaction.stored_keys(layout.PRINCIPAL)):
            transaction.delete_record(where)
    who = ("group Readers", "policy Read", "role deploy", "user Ci", "user eve")
    assert sorted(shown(vault)) == [f"the {each} is gone" for each in who]


def test_a_key_directory_in_another_order_or_state_is_found(vault: Vault) -> None:
    """Which material is the last, whether a rewrapping goes on, what an alias stands for."""
    with vault.read() as view:
        directory = view.kms_directory()
    one, *_, two = directory.keys.values()
    changes = [
        kms.with_key(directory, one._replace(is_rewrapping=True)),
        kms.with_key(directory, one._replace(materials=(*two.materials, *one.materials))),
        directory._replace(
            aliases={name: each._replace(key_id=one.id) for name, each in directory.aliases.items()}
        ),
        kms.without_key(directory, one),
        directory._replace(keys=dict(reversed(directory.keys.items()))),
    ]
    for changed in changes:
        with forging(vault) as transaction:
            transaction.put_kms_directory(changed)
        assert shown(vault) == ["the directory of KMS keys and aliases was changed"]


def test_what_is_shown_has_names_and_no_keys(vault: Vault) -> None:
    """A name that somebody else wrote is shown only if it can be one."""
    forged = ("x;touch PWNED", "a\nsecretctl: hint: b", "\x1b[2J", "x" * 129, "")
    with forging(vault) as transaction:
        for name in ("ann", *forged):
            user = User(name, "AIDAX", "/", 1, "ab" * 32)
            principals.put(transaction, user)
    found = shown(vault)
    assert sorted(found) == ["a user without a name is not the owner's"] * 5 + [
        "the user ann is not the owner's"
    ]
