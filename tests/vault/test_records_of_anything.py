"""Whatever somebody wrote into a record of any kind: it is read, or refused as damaged."""

import json
from collections.abc import Callable, Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from secretctl.domain.kms import Alias, Directory, Key, Material
from secretctl.domain.kms_grants import Grant
from secretctl.domain.principals import (
    AccessKey,
    Entity,
    Group,
    ManagedPolicy,
    PolicyVersion,
    Role,
    User,
    kind_of,
)
from secretctl.errors import VaultDamagedError
from secretctl.service.secrets import moment
from secretctl.vault import codec, kms_grants, kms_keys, principals, state
from tests.vault.test_codec import ANYTHING, SECRET

HASH = "11" * 32
ACCOUNT = "000000000000"
PAIR = (("k", "v"),)
ENTITIES: tuple[Entity, ...] = (
    User(
        "a", "AIDA", "/", 5, HASH, ("g",), PAIR, ("arn",), (AccessKey("AKIA", 5, "Active", HASH),)
    ),
    Group("a", "AGPA", "/", 5, PAIR, ("arn",)),
    Role("a", "AROA", "/", 5, HASH, "{}", "d", 3600, PAIR, ("arn",), PAIR, (("ASIA", "7"),)),
    ManagedPolicy("a", "ANPA", "/", 5, 6, (PolicyVersion(1, 5, "{}"),), 1, HASH),
)
GRANT = Grant("22" * 32, "k", "arn", "AIDA", 5, ("Decrypt",), "", "n", PAIR, None)
DIRECTORY = Directory(
    {"k": Key("k", 5, (Material(HASH[:32], 5),), "d", "Enabled", 7, PAIR)},
    {"alias/k": Alias("k", 5, 6)},
    {"gone": (HASH[:32],)},
)
Read = Callable[[bytes], object]


def of_kind(kind: str) -> Read:
    """Return what reads an entity."""
    return lambda stored: principals.decode(kind, stored)


KINDS: dict[str, tuple[object, Read]] = {
    **{kind_of(each): (each._asdict(), of_kind(kind_of(each))) for each in ENTITIES},
    "secret": (json.loads(codec.encode(SECRET)), codec.decode),
    "name": (json.loads(codec.encode(SECRET._replace(delete_after_ms=None))), codec.name_of),
    "grant": (GRANT, kms_grants.decode),
    "keys": (json.loads(kms_keys.encode(DIRECTORY)), lambda it: kms_keys.decode(it, ACCOUNT)),
    "first keys": ({"alias/k": [HASH[:32]]}, lambda it: kms_keys.decode(it, ACCOUNT)),
    "state": (json.loads(state.encode(state.State())), state.decode),
}
WRITTEN = {kind: json.loads(json.dumps(each)) for kind, (each, _) in KINDS.items()}
Way = tuple[str | int, ...]


def ways(value: object, so_far: Way = ()) -> Iterator[Way]:
    """Yield the way to each member of a record, to the innermost."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)  # type: ignore[arg-type]
    for name, each in inner:
        yield (*so_far, name)
        if isinstance(each, dict | list):
            yield from ways(each, (*so_far, name))


WAYS = [(kind, way) for kind, value in WRITTEN.items() for way in ways(value)]


def with_text(kind: str, way: Way, text: str) -> bytes:
    """Return a record of which one member is what *text* says."""
    mark = "here it is"
    fields = json.loads(json.dumps(WRITTEN[kind]))
    inner = fields
    for name in way[:-1]:
        inner = inner[name]
    inner[way[-1]] = mark
    return json.dumps(fields).replace(json.dumps(mark), text).encode()


def read(kind: str, stored: bytes) -> object | None:
    """Return what a record says, None if it is refused; nothing else may happen."""
    try:
        found = KINDS[kind][1](stored)
    except VaultDamagedError:
        return None
    return None if found == state.NO_STATE else found


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_written_is_read(kind: str) -> None:
    """Each kind, all members."""
    assert read(kind, json.dumps(WRITTEN[kind]).encode()) is not None


@given(some.sampled_from(WAYS), ANYTHING | some.integers().map(lambda it: it * 2**64))
@example(("user", ("created_ms",)), 10**30)
@example(("user", ("access_keys", 0, 1)), -(10**30))
@example(("role", ("sessions", 0, 1)), "9" * 30)
@example(("grant", (4,)), 10**30)
@example(("keys", ("aliases", "alias/k", 1)), 10**30)
@example(("first keys", ("alias/k", 0)), "no hexadecimal")
def test_a_member_of_anything_is_refused_or_can_be_used(where: tuple[str, Way], it: object) -> None:
    """What is read can be shown."""
    kind, way = where
    found = read(kind, with_text(kind, way, json.dumps(it)))
    if isinstance(found, User | Group | Role | ManagedPolicy | Grant):
        moment(found.created_ms)
    if found is not None:
        repr(found).encode()


@pytest.mark.parametrize("depth", [500, 2_000, 100_000])
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_nested_deeply_is_damaged(kind: str, depth: int) -> None:
    """The record itself, and each member of it: never an error of another kind."""
    deep = "[" * depth + "]" * depth
    assert read(kind, deep.encode()) is None
    for way in [way for each, way in WAYS if each == kind]:
        read(kind, with_text(kind, way, deep))


@given(some.sampled_from(WAYS), some.sampled_from(["\\ud800", "\\uD800", "a\\uDfffb"]))
def test_half_a_character_is_damaged(where: tuple[str, Way], half: str) -> None:
    """However it is written: no text could be made of it."""
    kind, way = where
    assert read(kind, with_text(kind, way, f'"{half}"')) is None


@given(
    some.sampled_from([*KINDS]), some.binary() | ANYTHING.map(lambda it: json.dumps(it).encode())
)
def test_any_bytes_are_read_or_refused(kind: str, stored: bytes) -> None:
    """No record at all, too."""
    read(kind, stored)
