r"""Assignments in the language of a shell, as far as nothing has to be run.

export NAME='it'\''s'      for POSIX shells: quotes, \' and bare letters, one behind the other
set -gx NAME 'it\'s'       for fish
$env:NAME = 'it''s'        for PowerShell, or "..." with `" `` `$ and $([char]0x000a)
"""

from __future__ import annotations

import re

from secretctl.delivery.readers.entry import Entry, distinct, refused
from secretctl.delivery.readers.scanning import END, NAME, REMARK, pattern, scanned
from secretctl.errors import DeliveryError

_BARE = r"[A-Za-z0-9_./:@%+,=-]"
_PROGRAM = r"""(?:''|"")*="""
"""Begins what zsh replaces by the path of a program: first in a value, or behind a colon."""

_POSIX = pattern(
    rf"[ \t]*(?:export[ \t]+)?{NAME}=(?!{_PROGRAM})"
    rf"""(?P<word>(?:(?:'[^']*'|\\'|"[^"$`\\!]*"|{_BARE})"""
    rf"""(?!(?:(?<=:)|(?<=:')|(?<=:")){_PROGRAM}))*){END}"""
)
_POSIX_PART = pattern(rf"""'([^']*)'|\\(')|"([^"]*)"|({_BARE})""")
_FISH = pattern(
    r"[ \t]*set(?:[ \t]+(?:-gx|-xg|-g|-x|--global|--export|--unpath))+[ \t]+"
    rf"{NAME}[ \t]+(?P<word>'(?:[^'\\]|\\[\s\S])*'|(?!%){_BARE}+){END}"  # %self is a number
)
_POWERSHELL = pattern(
    rf"[ \t]*\$env:{NAME}[ \t]*=[ \t]*"
    r"""(?P<word>'(?:[^'\u2018-\u201b]|'')*'|"""
    r""""(?:[^"`$\u201c-\u201e]|`["`$]|\$\(\[char\]0x[0-9a-fA-F]{4}\))*")"""
    r"[ \t]*(?:\r?\n|\Z)"
)
_POWERSHELL_PART = pattern(r"`(.)|\$\(\[char\]0x(....)\)|([^`$]+)")
_OF_WINDOWS = pattern(r"[ \t]*(?:#[^\n]*)?\r?\n|[ \t]*#[^\n]*\Z|[ \t]+\Z")


def posix(text: str, where: str) -> list[Entry]:
    """Read assignments for dash, bash and zsh.

    Raises:
        DeliveryError: a line is something else: what it does could only be told by running it.
    """
    form = "NAME='value', with export in front or not: other code is not run"
    return scanned(text, where, _POSIX, _of_posix, form)


def fish(text: str, where: str) -> list[Entry]:
    """Read ``set -gx`` with one value each; raises as `posix`."""
    form = "set -gx NAME 'value': other code is not run"
    return scanned(text, where, _FISH, _of_fish, form, REMARK)


def powershell(text: str, where: str) -> list[Entry]:
    """Read assignments to ``$env:``; raises as `posix`, and where names differ in case alone."""
    form = "$env:NAME = 'value': other code is not run"
    try:
        found = scanned(text, where, _POWERSHELL, _of_powershell, form, _OF_WINDOWS)
    except UnicodeDecodeError:
        raise refused(where, 0, "a value holds half a surrogate pair and is no text") from None
    _refuse_alike(found, where)
    return found


def _refuse_alike(found: list[Entry], where: str) -> None:
    try:
        distinct((entry._replace(name=entry.name.upper()) for entry in found), where)
    except DeliveryError as error:
        raise DeliveryError(f"{error.message}: PowerShell takes no account of case") from None


def _of_posix(word: str) -> str:
    return "".join("".join(part or "" for part in each) for each in _POSIX_PART.findall(word))


def _of_fish(word: str) -> str:
    if not word.startswith("'"):
        return word
    return re.sub(r"\\([\\'])", r"\1", word[1:-1])


def _of_powershell(word: str) -> str:
    if word.startswith("'"):
        return word[1:-1].replace("''", "'")
    units = bytearray()
    for escaped, code, plain in _POWERSHELL_PART.findall(word[1:-1]):
        units += bytes.fromhex(code) if code else (escaped or plain).encode("utf-16-be")
    return units.decode("utf-16-be")
