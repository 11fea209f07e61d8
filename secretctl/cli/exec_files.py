"""``--file`` of ``exec`` and the options that go with it: values that are handed over as files."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Container, Iterable

from secretctl.context import Context
from secretctl.delivery import references, run_folder
from secretctl.delivery.environment import value_of
from secretctl.delivery.execute import Program
from secretctl.delivery.references import Source, is_variable, shown, spelled
from secretctl.delivery.run_files import DESCRIPTOR, FILE, KINDS, Value, Wanted, described
from secretctl.delivery.run_folder import Base
from secretctl.errors import DeliveryError, UsageError
from secretctl.record import NamedTuple

_LONGEST_NAME = 200
"""Bytes; file systems take 255."""

_FORM = "write --file NAME=SECRET-ID[#KEY], for example --file TLS_KEY=prod/tls#key"
_FORM_OF_NAME = "write --file-name NAME=FILE, for example --file-name TLS_KEY=tls.key"


class Files(NamedTuple):
    """What is to be handed over in files, and how."""

    sources: tuple[Source, ...]
    """Each names its variable."""

    optional: frozenset[Source]
    """Those that may be missing."""

    kind: str
    names: dict[str, str]
    """Of the files, by variable."""

    def place(self, context: Context) -> Base | None:
        """Return where they are to lie, before anything is read for them; None for descriptors.

        The caller closes it.

        Raises:
            DeliveryError: There is no place in memory.
        """
        found = run_folder.bases(context.environ)
        for base in found:
            run_folder.reap(base)
        chosen = [] if self.kind == DESCRIPTOR else found[:1]
        for base in found[len(chosen) :]:
            os.close(base.handle)
        if self.kind == DESCRIPTOR:
            return None
        if not found:
            raise DeliveryError(
                "there is no folder in memory for files: neither XDG_RUNTIME_DIR nor /dev/shm is "
                "one that can be used",
                "--file-kind descriptor needs none; or mount a tmpfs at /dev/shm",
            )
        return found[0]

    def given(
        self, command: Program, contents: dict[str, bytes], place: Base | None, context: Context
    ) -> tuple[Program, Wanted | None]:
        """Return *command* with its descriptors, or with what is to be made when it is started.

        Args:
            command: To be given them.
            contents: By variable.
            place: Where files are to lie.
            context: Randomness for the name of their folder.

        Raises:
            DeliveryError: There is no room for a descriptor.
        """
        values = [Value(name, self.names[name], each) for name, each in contents.items()]
        if place is not None:
            return command, Wanted(place, self.kind, tuple(values), context.random)
        environment = command.environment | described(values)
        return command._replace(environment=environment), None

    def close(self, command: Program, given: Container[str]) -> None:
        """Close the descriptors that `given` opened for *command*, which has them by now."""
        for source in self.sources if self.kind == DESCRIPTOR else ():
            if source.variable in given:
                path = command.environment[str(source.variable).encode()]
                os.close(int(path.rpartition(b"/")[2]))


def read(given: dict[str, list[str]]) -> Files:
    """Return what the options say.

    Args:
        given: Values of each option, in their order.

    Raises:
        UsageError: One is none that its option takes, two files have one name, or this is not
            Linux.
    """
    if sys.platform != "linux":
        raise UsageError("--file needs Linux", "hand the value over in a variable: NAME=SECRET-ID")
    kind = next(iter(given["--file-kind"]), FILE)
    if kind not in KINDS:
        raise UsageError("'--file-kind' takes one of: " + ", ".join(KINDS))
    optional = [_source("--optional-file", word) for word in given["--optional-file"]]
    sources = (*(_source("--file", word) for word in given["--file"]), *optional)
    if not sources:
        raise UsageError("no file is asked for", _FORM)
    if kind == DESCRIPTOR and given["--file-name"]:
        raise UsageError("'--file-name' is for files and pipes: a descriptor has no name")
    names = _names(given["--file-name"], [str(source.variable) for source in sources])
    return Files(sources, frozenset(optional), kind, names)


def refuse_twice(sources: Iterable[Source], others: Collection[str | None]) -> None:
    """Refuse a variable that two sources set, one of them for a file.

    Args:
        sources: Those of files.
        others: Names of variables that are set otherwise.

    Raises:
        DeliveryError: There is one.
    """
    seen: set[str | None] = set()
    for source in sources:
        if source.variable in others or source.variable in seen:
            raise DeliveryError(
                f"two sources give the variable '{source.variable}', one of them by --file",
                "choose another name: --file NAME=SECRET-ID",
            )
        seen.add(source.variable)


def contents(
    results: Iterable[tuple[Source, dict[str, object]]], optional: Collection[Source]
) -> dict[str, bytes]:
    """Return what goes into files, by variable; bytes of text are UTF-8.

    Args:
        results: Of GetSecretValue, each with its source.
        optional: Sources that give nothing where their key is missing.

    Raises:
        DeliveryError: A key is missing, or no value.
    """
    found: dict[str, bytes] = {}
    for source, result in results:
        value = value_of(source, result, is_optional=source in optional)
        if value is not None:
            found[str(source.variable)] = _encoded(value, source)
    return found


def _encoded(value: object, source: Source) -> bytes:
    try:
        return value if isinstance(value, bytes) else str(value).encode()
    except UnicodeEncodeError:
        raise DeliveryError(
            f"'{shown(spelled(source))}' holds half a surrogate pair and is no text"
        ) from None


def _source(option: str, word: str) -> Source:
    source = references.parse(word)
    if source.variable is None:
        raise UsageError(f"'{option}' names no variable for the path", _FORM)
    return source


def _names(words: list[str], variables: list[str]) -> dict[str, str]:
    names = {variable: variable for variable in variables}
    named = set[str]()
    for word in words:
        variable, _, name = word.partition("=")
        if not is_variable(variable) or not _is_name(name):
            raise UsageError("'--file-name' takes a variable and the name of a file", _FORM_OF_NAME)
        if variable not in names:
            raise UsageError(f"no '--file' sets the variable '{shown(variable)}'", _FORM)
        if variable in named:
            raise UsageError(f"'--file-name' names the file of '{variable}' twice", "leave one out")
        named.add(variable)
        names[variable] = name
    if len(set(names.values())) < len(names):
        raise UsageError("two files have the same name", _FORM_OF_NAME)
    return names


def _is_name(name: str) -> bool:
    """Tell whether *name* is that of a file: no path, and nothing that cannot be seen."""
    is_plain = name.isprintable() and "/" not in name and name not in {"", ".", ".."}
    return is_plain and len(name.encode()) <= _LONGEST_NAME
