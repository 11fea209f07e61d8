"""A secret's record is read as it was written, or refused; whatever somebody wrote there."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from secretctl.domain.secret import Replica, Rotation, Secret, Version
from secretctl.errors import VaultDamagedError
from secretctl.service.secrets import midnight, moment
from secretctl.vault import codec, layout

VERSION = Version("v" * 32, 5, ("AWSCURRENT",), 19_000, "alias/k", 1, b"\x11" * 32)
ROTATION = Rotation(enabled=True, function="f", automatically_after_days=7, last_rotated_ms=1)
SECRET = Secret(
    "us-east-1", "a", "AbCdEf", 3, 5, 6, 19_000, "d", "alias/k", "t", "o", (("k", "v"),), 7, 8,
    ROTATION, "{}", "us-east-1", (Replica("eu-west-1"),), 2, (VERSION,),
)  # fmt: skip
BARE = Secret("us-east-1", "a", "AbCdEf", 1, 0, 0)
ANYTHING = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats(allow_nan=False) | some.text(),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(), inner, max_size=2),
    max_leaves=6,
)
LAST_YEAR = 9999
Path = tuple[int, ...]


def paths(value: object, so_far: Path = ()) -> Iterator[Path]:
    """Yield the way to each member of a record, to the innermost."""
    if isinstance(value, list):
        for index, each in enumerate(value):
            yield (*so_far, index)
            yield from paths(each, (*so_far, index))


WRITTEN = json.loads(codec.encode(SECRET))
PATHS = list(paths(WRITTEN))


def with_member(path: Path, value: object) -> bytes:
    """Return a record one member of which is something else."""
    fields = json.loads(codec.encode(SECRET))
    inner = fields
    for index in path[:-1]:
        inner = inner[index]
    inner[path[-1]] = value
    return json.dumps(fields).encode()


@pytest.mark.parametrize("secret", [SECRET, BARE], ids=["full", "bare"])
def test_what_was_written_is_read(secret: Secret) -> None:
    """All members, and those that have nothing."""
    assert codec.decode(codec.encode(secret)) == secret


@pytest.mark.parametrize("less", range(6))
def test_a_rotation_from_before_its_last_members_were_is_read(less: int) -> None:
    """What is not there has not been."""
    fields = json.loads(codec.encode(SECRET))
    del fields[14][len(fields[14]) - less :]
    assert codec.decode(json.dumps(fields).encode()) == SECRET


@given(some.sampled_from(PATHS), ANYTHING)
@example((3,), 2**70)
@example((3,), 2**63)
@example((4,), 10**30)
@example((6,), 10**12)
@example((12,), "x")
@example((18,), 2**40)
@example((19, 0, 5), 2**32)
@example((19, 0, 2), [5])
@example((11, 0, 1), 5)
@example((14, 8), 10**30)
@example((17, 0), [5, 5])
def test_what_is_read_can_be_used_and_written(path: Path, value: object) -> None:
    """Of a member with any value: the record is refused, or nothing that is done with it fails."""
    try:
        secret = codec.decode(with_member(path, value))
    except VaultDamagedError:
        return
    assert codec.decode(codec.encode(secret)) == secret
    where = layout.place(b"p" * 8, secret.number)
    layout.name_key(b"k" * 32, secret.region, secret.name)
    times = (secret.created_ms, secret.changed_ms, secret.delete_after_ms, secret.deleted_ms)
    told = [moment(each) for each in times if each is not None]
    told.append(midnight(secret.accessed_day or 0))
    for version in secret.versions:
        layout.value_key(where, version.serial)
        told += [moment(version.created_ms), midnight(version.accessed_day or 0)]
    rotation = secret.rotation or ROTATION
    told += [moment(rotation.last_rotated_ms or 0), moment(rotation.next_rotation_ms or 0)]
    assert max(told).year <= LAST_YEAR


WRONG = {
    "a number of the region": ((0,), 5),
    "a number for the name": ((1,), 5),
    "a text for the number": ((3,), "a"),
    "a number that is too large": ((3,), 2**63),
    "a number below all": ((3,), 0),
    "a truth for a number": ((3,), True),
    "a fraction": ((4,), 1.5),
    "a time behind all years": ((12,), 10**30),
    "a time before all": ((13,), -1),
    "a day behind all years": ((6,), 10**9),
    "half of a character": ((1,), "\ud800"),
    "tags that are none": ((11,), [["a"]]),
    "a tag of a number": ((11,), [["a", 5]]),
    "a rotation that is none": ((14,), []),
    "a rotation of a number": ((14, 0), 5),
    "a rotation in no year": ((14, 8), 10**30),
    "a replica of numbers": ((17,), [[5, 5]]),
    "a replica that is none": ((17,), [5]),
    "a version that is none": ((19,), [5]),
    "a version of too few": ((19,), [["v"]]),
    "a serial that is too large": ((19, 0, 5), 2**32),
    "a serial of a text": ((19, 0, 5), "x"),
    "a label of a number": ((19, 0, 2), [5]),
    "a pin that is none": ((19, 0, 6), "zz"),
    "a next serial that is too large": ((18,), 2**40),
}


@pytest.mark.parametrize(("path", "value"), WRONG.values(), ids=WRONG)
def test_what_no_secret_has_is_refused(path: Path, value: object) -> None:
    """By name, and never by an error of the interpreter's."""
    with pytest.raises(VaultDamagedError, match="cannot be read"):
        codec.decode(with_member(path, value))


@pytest.mark.parametrize("record", [b"", b"{}", b"[]", b"5", b"\xff", b"[" * 100_000, b"NaN"])
def test_what_is_no_record_is_refused(record: bytes) -> None:
    """Nor one that is nested without end."""
    for read in (codec.decode, codec.name_of):
        with pytest.raises(VaultDamagedError, match="cannot be read"):
            read(record)
