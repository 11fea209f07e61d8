"""Name what was probably meant. Only imported once something is wrong."""

import difflib
import re
from collections.abc import Iterable

_OTHER_SPELLING = re.compile(r"--?([A-Za-z][A-Za-z_-]{1,60})(?:=|\Z)")
_SHELL_WORDS = {"ls": "list-secrets", "cat": "get-secret-value", "rm": "delete-secret"}
_OPTION = re.compile(r"--([a-z]{1,20}(?:-[a-z]{1,20}){0,5})(?:=.*)?", re.DOTALL)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the one of *known* that resembles *word* most, if any does."""
    names = list(known)
    longer = [name for name in names if word and name.startswith(word)]  # it was cut short
    matches = sorted(longer, key=len) or difflib.get_close_matches(word[:80], names, n=1)
    return matches[0] if matches else None


def hints(word: str, known: Iterable[str], prefix: str = "") -> tuple[str, ...]:
    """Return a hint that names the nearest of *known*, or nothing. *word* is not repeated."""
    match = nearest(word, known)
    return (f"did you mean {prefix}{match}?",) if match is not None else ()


def option(word: str, known: Iterable[str]) -> str | None:
    """Return the name of *known* that a word which looks like an option was meant as.

    ``--max_items``, ``--MaxItems`` and ``-max-items`` are other spellings of ``--max-items``.
    """
    spelled = _OTHER_SPELLING.match(word)
    return nearest(kebab(spelled[1]), known) if spelled else None


def command(word: str, known: Iterable[str]) -> str | None:
    """Return the command of *known* that *word* was meant as; ``GetSecretValue`` is one too."""
    return _SHELL_WORDS.get(word) or nearest(kebab(word[:80]), known)


def kebab(name: str) -> str:
    """Spell *name* as options and commands are spelled."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).replace("_", "-").lower()


def option_name(word: str) -> str:
    """Return the name in ``--name`` or ``--name=value``, or nothing if *word* may be a secret.

    An option that does not exist is repeated in messages only if it looks like one.
    """
    return match[1] if (match := _OPTION.fullmatch(word)) else ""
