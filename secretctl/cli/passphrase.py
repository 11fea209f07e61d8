"""Where a passphrase comes from, the least exposed source first.

``SECRETCTL_PASSPHRASE_FILE``, ``_FD``, ``_COMMAND``, then ``SECRETCTL_PASSPHRASE`` itself, then
a prompt on the terminal; never standard input, which may be a script's data. A new passphrase is
looked for under ``SECRETCTL_NEW_PASSPHRASE`` in the same way first, so that scripts can change one.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from secretctl.cli.keyfile import read_private
from secretctl.context import Context, descriptor
from secretctl.errors import NothingGivenError, SecretctlError, UnlockError

_LARGEST_BYTES = 4096
_COMMAND_SECONDS = 60
SHORTEST = 12
"""Fewest characters of a new passphrase."""

_SOURCES = "set SECRETCTL_PASSPHRASE_FILE, SECRETCTL_PASSPHRASE_FD or SECRETCTL_PASSPHRASE_COMMAND"

_OLD, _NEW = "SECRETCTL_PASSPHRASE", "SECRETCTL_NEW_PASSPHRASE"


def find(context: Context) -> str:
    """Return the passphrase for unlocking.

    Raises:
        NothingGivenError: No source is named, and nobody gives one when asked.
        UnlockError: What a source gives is none.
        UnsafePermissionsError: Others can read or replace a file that gives one.
    """
    given = from_environment(context)
    if given is None and not context.interactive:
        raise NothingGivenError("a passphrase is needed and nobody may be asked", _SOURCES)
    return given if given is not None else _prompt("Passphrase: ")


def find_of_slot(slot_id: str) -> str:
    """Return the passphrase of one unlock slot, as it is typed.

    Raises:
        NothingGivenError: Nobody gives one.
    """
    return _prompt(f"Passphrase of the unlock slot {slot_id}: ")


def can_ask(context: Context) -> bool:
    """Tell whether somebody can be asked for a passphrase."""
    if not context.interactive:
        return False
    from secretctl.cli.prompt import has_terminal

    return has_terminal()


def remembered(context: Context) -> Context:
    """Return *context* with a passphrase that a descriptor gives, which is read but once."""
    if not context.environ.get(f"{_OLD}_FD"):
        return context
    try:
        words = from_environment(context)
    except SecretctlError:  # said, and recorded, where the vault is opened
        return context
    rest = {name: text for name, text in context.environ.items() if not name.startswith(_OLD)}
    return context._replace(environ={**rest, _OLD: words or ""})


def find_new(context: Context) -> str:
    """Return the passphrase for a new slot, typed twice when it is typed.

    Raises:
        UnlockError: No source gives one, it is too short, or the two differ.
        UnsafePermissionsError: Others can read or replace a file that gives one.
    """
    given = from_environment(context, _NEW) or from_environment(context)
    words = _prompt("New passphrase: ") if given is None else given
    if len(words) < SHORTEST:
        raise UnlockError(
            f"the passphrase is shorter than {SHORTEST} characters",
            origin(context, _NEW) or origin(context) or "take several words",
        )
    if given is None and words != _prompt("New passphrase again: "):
        raise UnlockError("the two passphrases differ", "type the same words twice")
    return words


def origin(context: Context, stem: str = _OLD) -> str:
    """Return, for a hint, where the passphrase comes from; empty where it is typed."""
    for name in (f"{stem}_FILE", f"{stem}_FD", f"{stem}_COMMAND", stem):
        if value := context.environ.get(name):
            return f"it comes from {name}" + (f", '{value}'" if name.endswith("_FILE") else "")
    return ""


def from_environment(context: Context, stem: str = _OLD) -> str | None:
    """Return the passphrase that the variables named after *stem* lead to, if one does."""
    sources: tuple[tuple[str, Callable[[str, str], bytes]], ...] = (
        (f"{stem}_FILE", lambda _, path: read_private(path, "passphrase file")),
        (f"{stem}_FD", lambda name, text: _from_descriptor(context, name, text)),
        (f"{stem}_COMMAND", _from_command),
        (stem, lambda _, words: os.fsencode(words)),
    )
    for name, read in sources:
        if context.environ.get(name):
            return _text(read(name, context.environ[name]), name)
    return None


def _text(content: bytes, name: str) -> str:
    if len(content) > _LARGEST_BYTES:
        raise UnlockError(f"what {name} leads to is too large")
    content = content.removesuffix(b"\n").removesuffix(b"\r")
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise UnlockError(f"what {name} leads to is not UTF-8 text") from None
    if not text:
        raise UnlockError(f"what {name} leads to is empty")
    return text


def _from_descriptor(context: Context, name: str, text: str) -> bytes:
    number = descriptor(text)
    example = f"for example: {name}=3 secretctl fsck 3< FILE"
    if number is None:
        raise UnlockError(f"{name} is not a number", example)
    if number not in context.descriptors:
        raise UnlockError(f"{name} is not an open file descriptor", example)
    try:
        # Left open: whatever is opened next must not get this number.
        content = _at_most(number, _LARGEST_BYTES + 1)
    except OSError as error:
        raise UnlockError(f"cannot read what {name} leads to: {error.strerror}") from None
    if not content:
        raise UnlockError(
            f"what {name} leads to is empty, or was read before",
            "a descriptor is read once: a second passphrase needs one of its own",
        )
    return content


def _at_most(number: int, size: int) -> bytes:
    """Return what can be read from a descriptor, no more than *size* bytes."""
    content = b""
    while len(content) < size and (part := os.read(number, size - len(content))):
        content += part
    return content


def _from_command(name: str, command: str) -> bytes:
    from secretctl.cli.passphrase_command import output

    return output(name, command, _LARGEST_BYTES, _COMMAND_SECONDS)


def _prompt(question: str) -> str:
    from secretctl.cli.prompt import ask

    try:
        typed = ask(question)
    except UnicodeError:
        raise UnlockError("what was typed is not UTF-8 text") from None
    except OSError:
        raise NothingGivenError(
            "a passphrase is needed and there is no terminal to ask on", _SOURCES
        ) from None
    if not typed:
        raise NothingGivenError("no passphrase was typed")
    return typed
