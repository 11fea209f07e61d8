"""What a disk may hold after a loss of power: the calls of a program replayed, some of them lost.

A call that changes a file is certain once that file was synced; one that changes a directory,
once the directory was. Of the rest any may have reached the disk and any not, and the last one
that writes may have been torn. Most file systems promise more than that.
"""

import itertools
import os
import random
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.faults.commands import strace

GONE = " (deleted)"
"""Behind the path of a file whose name another one has by now."""

CALLS = "openat,write,pwrite64,fsync,fdatasync,ftruncate,rename,renameat2,unlink,mkdir,linkat"
SECTOR_BYTES = 512
ALL_SUBSETS_UP_TO = 5
SUBSETS = 100


class Change(NamedTuple):
    """A call that changes a file or a directory."""

    kind: str
    """``write``, ``truncate``, ``link``, ``unlink``, ``rename``, ``exchange`` or ``mkdir``."""

    certain_after: str
    """What has to be synced: the file's identity, or the directory's path."""

    file: str = ""
    """Identity of a file, which stays when it is renamed."""

    path: str = ""
    new_path: str = ""
    offset: int = 0
    data: bytes = b""


class Sync(NamedTuple):
    """A file, by its identity, or a directory, by its path, was synced."""

    what: str


Event = Change | Sync
Files = dict[str, bytes]
"""What a file system holds: the content of files by path."""


def snapshot(home: Path) -> Files:
    """Return every file below *home* by its path."""
    return {str(path): path.read_bytes() for path in home.rglob("*") if path.is_file()}


def trace(argv: list[str], environ: dict[str, str], home: Path) -> list[Event]:
    """Run a program to its successful end and return what it changed below *home*."""
    log = home.parent / "calls"
    before = snapshot(home)
    files, sizes = {path: path for path in before}, {path: len(before[path]) for path in before}
    words = strace("-y", "-xx", "-s", "1000000", "-o", str(log), "-e", f"trace={CALLS}")
    subprocess.run([*words, *argv], env=environ, check=True, capture_output=True)
    events = (_event(line, files, sizes) for line in log.read_text().splitlines())
    return [event for event in events if event and str(home) in "".join(map(str, event))]


def states(
    before: Files, events: list[Event], chance: random.Random
) -> Iterator[tuple[bool, Files]]:
    """Yield what the disk may hold when the power fails before a sync, or after the last call.

    Yields:
        Whether the program had ended, and the files.
    """
    ends = [place for place, event in enumerate(events) if isinstance(event, Sync)]
    for end in [*ends, len(events)]:
        done = list(enumerate(events[:end]))
        changes = {place: each for place, each in done if isinstance(each, Change)}
        syncs = {each.what: place for place, each in done if isinstance(each, Sync)}
        uncertain = [
            place for place, each in changes.items() if syncs.get(each.certain_after, -1) < place
        ]
        for kept in _subsets(uncertain, chance):
            lost = set(uncertain) - set(kept)
            happened = [each for place, each in changes.items() if place not in lost]
            torn = kept[-1] if kept and chance.random() < 0.5 else None
            if torn is not None and changes[torn].kind == "write":
                half = changes[torn].data[: len(changes[torn].data) // 2 // SECTOR_BYTES * 512]
                happened = [
                    each._replace(data=half) if each is changes[torn] else each for each in happened
                ]
            missing = {each.path for each in changes.values() if each.kind == "mkdir"}
            missing -= {each.path for each in happened}
            files = _after(before, happened)
            yield (
                end == len(events),
                {path: files[path] for path in files if not _is_below(path, missing)},
            )


def since(word: str, before: Files, events: list[Event]) -> tuple[Files, list[Event]]:
    """Let all be certain that was done before the first file with *word* in its path was changed.

    Returns:
        The files at that moment, and what was done from then on.
    """
    start = next(place for place, each in enumerate(events) if word in "".join(map(str, each)))
    changes = [each for each in events[:start] if isinstance(each, Change)]
    return _after(before, changes), events[start:]


def lay_out(files: Files, home: Path, elsewhere: Path) -> None:
    """Write the files of *home* below *elsewhere*."""
    for path, content in files.items():
        place = Path(path.replace(str(home), str(elsewhere), 1))
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        place.write_bytes(content)
        place.chmod(0o600)
        for parent in place.relative_to(elsewhere).parents:
            (elsewhere / parent).chmod(0o700)


def _subsets(places: list[int], chance: random.Random) -> Iterator[tuple[int, ...]]:
    if len(places) <= ALL_SUBSETS_UP_TO:
        for size in range(len(places) + 1):
            yield from itertools.combinations(places, size)
        return
    yield ()
    yield tuple(places)
    for _ in range(SUBSETS):
        yield tuple(place for place in places if chance.random() < chance.random())


def _is_below(path: str, folders: set[str]) -> bool:
    return any(path.startswith(folder + "/") for folder in folders)


def _after(before: Files, changes: list[Change]) -> Files:
    names = {path: path for path in before}
    contents = {path: bytearray(content) for path, content in before.items()}
    for change in changes:
        content = contents.setdefault(change.file, bytearray())
        if change.kind == "write":
            content.extend(bytes(max(0, change.offset - len(content))))
            content[change.offset : change.offset + len(change.data)] = change.data
        elif change.kind == "truncate":
            del content[change.offset :]
        elif change.kind == "link":
            names[change.path] = change.file
        elif change.kind == "unlink":
            names.pop(change.path, None)
        elif change.kind in ("rename", "exchange"):
            names = _renamed(names, change)
    return {path: bytes(contents[file]) for path, file in names.items()}


def _renamed(names: dict[str, str], change: Change) -> dict[str, str]:
    """Return *names* after a rename or exchange of files or folders that are there."""
    old, new = change.path, change.new_path

    def moved(path: str) -> str:
        if _is_at(path, old):
            return new + path[len(old) :]
        if _is_at(path, new):
            return old + path[len(new) :] if change.kind == "exchange" else ""
        return path

    there = [any(_is_at(path, each) for path in names) for each in (old, new)]
    if not there[0] or (change.kind == "exchange" and not there[1]):
        return names
    return {moved(path): file for path, file in names.items() if moved(path)}


def _is_at(path: str, place: str) -> bool:
    return path == place or path.startswith(place + "/")


def _event(line: str, files: dict[str, str], sizes: dict[str, int]) -> Event | None:
    """Read a line of strace; identities by path and sizes by identity are kept up to date.

    NOTE: a plain write goes to the end of its file, as all of ours do.
    """
    match = re.match(r"\d+ +(\w+)\((.*)\) += \d+", line)
    if match is None:
        return None
    call, words = match[1], match[2]
    strings = [bytes.fromhex(each.replace("\\x", "")) for each in re.findall(r'"([^"]*)"', words)]
    descriptor = re.match(r"\d+<([^>]*)>(\(deleted\))?", words)
    named = bytes.fromhex(descriptor[1].replace("\\x", "")) if descriptor else strings[0]
    path = named.decode("latin-1") + (GONE if descriptor and descriptor[2] else "")
    file, folder, last = files.get(path, path), os.path.dirname(path), words.rpartition(", ")[2]
    if call in ("fsync", "fdatasync"):
        return Sync(file)
    if call in ("write", "pwrite64"):
        offset = int(last) if call == "pwrite64" else sizes.get(file, 0)
        sizes[file] = max(sizes.get(file, 0), offset + len(strings[0]))
        return Change("write", file, file=file, offset=offset, data=strings[0])
    if call == "ftruncate":
        sizes[file] = int(last)
        return Change("truncate", file, file=file, offset=int(last))
    if call in ("openat", "linkat"):
        path = strings[-1].decode("latin-1")
        is_new = call == "linkat" or ("O_CREAT" in words and path not in files)
        return _made(path, files, file if call == "linkat" else "") if is_new else None
    kind = "exchange" if last == "RENAME_EXCHANGE" else call.removesuffix("at2")
    new_path = strings[1].decode("latin-1") if call.startswith("rename") else ""
    return _moved(Change(kind, folder, path=path, new_path=new_path), files)


def _moved(change: Change, files: dict[str, str]) -> Change:
    """Return the change by which a file or folder gets another name, or loses it."""
    if not change.new_path:
        files.pop(change.path, None)
        return change
    files[change.new_path + GONE] = files.get(change.new_path, "")
    known = _renamed(files, change)
    files.clear()
    files.update(known)
    return change._replace(certain_after=os.path.dirname(change.new_path))


def _made(path: str, files: dict[str, str], file: str) -> Change:
    """Return the change by which a file gets its name; one that had none until then is *file*."""
    files[path] = file or f"{path} made as number {len(files)}"
    return Change("link", os.path.dirname(path), file=files[path], path=path)
