"""What decides to whom keys of the vault are sealed, taken apart into facts one by one.

Who is whom and which public key is whose, the policies that let somebody become a role, grants,
what is sealed to whom, and which material a KMS key has. All of it can be read with the access keys
alone, and so be written by every principal: `vouching` tells what the owner wrote of it. Only the
sessions of roles are the principals' own to write, and so no fact.
"""

from __future__ import annotations

from secretctl import json_text
from secretctl.crypto.seal import context
from secretctl.domain.principals import (
    KINDS,
    POLICY,
    Entity,
    Role,
    User,
    arn,
)
from secretctl.record import TYPE_CHECKING, NamedTuple
from secretctl.vault import grants, kms_grants, layout, principals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secretctl.vault.view import View

_NO_FACTS = ("id", "sessions")
"""The id is in each fact of its bearer."""

_WORDS = {"groups": "group", "inline": "policy", "attached": "policy", "tags": "tag"}
_WORDS |= {"access_keys": "access key", "versions": "version"}
_HOLDER = slice(1, 1 + 16)


class Fact(NamedTuple):
    """One thing that is so."""

    subject: bytes
    """Whom or what it is about."""

    said: bytes
    """All of it, unambiguously."""

    shown: str
    """It for people, without keys."""

    mend: str
    """The command that takes it away."""


def facts(view: View) -> Iterator[Fact]:
    """Yield every fact of the vault.

    Raises:
        VaultDamagedError: A record is not what was written.
    """
    everyone = [(kind, each) for kind in KINDS for each in principals.all_of(view, kind)]
    for kind, entity in everyone:
        yield from _of_entity(view, kind, entity)
    for grant in kms_grants.all_of(view):
        shown = f"the grant {grant.id} to {grant.grantee}"
        mend = f"secretctl kms revoke-grant --key-id {grant.key_id} --grant-id {grant.id}"
        yield _fact(("grant", grant.id), json_text.compact(grant).encode(), shown, mend)
    yield from _sealed(view, everyone)
    for key in view.kms_directory().keys.values():
        for material in key.materials:
            shown = f"the material {material.id} of the KMS key {key.id}"
            yield _fact(("key", key.id), material.id.encode(), shown, "secretctl restore")


def _of_entity(view: View, kind: str, entity: Entity) -> Iterator[Fact]:
    """Yield a fact for each member, and for each element of one that has many."""
    named = f"the {kind} {entity.name}"
    for member, value in entity._asdict().items():
        many = value if isinstance(value, tuple) else (value,)
        for each in () if member in _NO_FACTS else many:
            said = context(member.encode(), json_text.compact(each).encode())
            part, mend = f"{named}: {member}", _deletion(view, kind, entity)
            if isinstance(value, tuple):
                name = str(each[0] if isinstance(each, tuple) else each)
                part = f"{named}: {_WORDS[member]} {name}"
                mend = _removal(kind, entity, member, name) or mend
            yield _fact((kind, entity.id), said, part, mend)


def _sealed(view: View, everyone: list[tuple[str, Entity]]) -> Iterator[Fact]:
    """Yield which keys are sealed to whom; what is sealed to nobody who is there opens nothing."""
    holders = {
        grants.hashed(view, entity.id): (kind, entity)
        for kind, entity in everyone
        if isinstance(entity, User | Role)
    }
    for where, stored in view.stored_records(layout.GRANT):
        if where[_HOLDER] in holders:
            kind, entity = holders[where[_HOLDER]]
            shown = f"the {kind} {entity.name}: a key sealed to it, {where.hex()}"
            yield _fact(("sealed", where.hex()), stored, shown, _deletion(view, kind, entity))


def _fact(subject: tuple[str, str], said: bytes, shown: str, mend: str) -> Fact:
    about = context(*(part.encode() for part in subject))
    return Fact(about, about + context(said), shown, mend)


def _deletion(view: View, kind: str, entity: Entity) -> str:
    if kind == POLICY:
        return f"secretctl iam delete-policy --policy-arn {arn(entity, view.account)}"
    return f"secretctl iam delete-{kind} --{kind}-name {entity.name}"


def _removal(kind: str, entity: Entity, member: str, name: str) -> str:
    """Return the command that takes away an element; empty where its bearer has to go."""
    whose = f"--{kind}-name {entity.name}"
    if member == "access_keys":
        return f"secretctl iam delete-access-key {whose} --access-key-id {name}"
    if member == "groups":
        return f"secretctl iam remove-user-from-group {whose} --group-name {name}"
    if member == "inline":
        return f"secretctl iam delete-{kind}-policy {whose} --policy-name {name}"
    if member == "attached":
        return f"secretctl iam detach-{kind}-policy {whose} --policy-arn {name}"
    return ""
