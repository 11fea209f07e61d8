"""Name what was probably meant. Only imported once something is wrong."""

import difflib
import re
from collections.abc import Collection, Iterable

_Table = tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
"""Words of others, each time with ours."""

_OTHER_SPELLING = re.compile(r"--?([A-Za-z][A-Za-z_-]{0,60})(?:=|\Z)")
_OTHER_WORDS = (
    (("ls", "find", "search", "secrets"), ("list-secrets", "list", "status")),
    (("cat", "show", "read", "view", "reveal", "decrypt", "print"), ("get", "status", "list")),
    (("rm", "del", "remove", "unset", "destroy"), ("delete-secret", "remove", "drop")),
    (("add", "insert", "new", "store"), ("create-secret", "add")),
    (("set", "write", "edit", "put", "patch"), ("set", "put-secret-value", "add")),
    (("run", "env", "shell"), ("exec", "run-due")),
    (("history", "versions", "diff"), ("list-secret-version-ids", "lookup-events")),
    (("log", "logs", "events"), ("audit lookup-events", "lookup-events")),
    (("rollback", "revert"), ("update-secret-version-stage",)),
    (("undelete", "recover"), ("restore-secret",)),
    (("generate", "random", "password"), ("get-random-password",)),
    (("doctor", "verify"), ("fsck", "test")),
    (("template", "render", "tpl", "substitute"), ("inject",)),
    (("setup", "login", "signin"), ("init",)),
    (("download",), ("export",)),
    (("upload", "encrypt"), ("import",)),
    (("info", "stat"), ("describe-secret", "status")),
    (("passwd", "unlock", "lock"), ("unlock-slot list", "list")),
    (("whoami",), ("sts get-caller-identity",)),
    (("version",), ("--version",)),
)
"""What people type who know another tool, and what it is called here: the first that is there."""

_OTHER_OPTIONS = (
    (("port", "host", "bind", "address", "addr", "p"), ("listen",)),
    (("o", "output-file", "outfile"), ("out",)),
    (("value", "password", "file", "f", "i", "input"), ("from-file", "input")),
)
"""The same of options; of one letter, nothing else is guessed."""

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
    if spelled is None:
        return None
    name, names = kebab(spelled[1]), list(known)
    here = _here(name, _OTHER_OPTIONS, names)
    return here or (nearest(name, names) if len(name) > 1 else None)


def command(word: str, known: Iterable[str]) -> str | None:
    """Return the command of *known* that *word* was meant as; ``GetSecretValue`` is one too."""
    names = ["--version", *known]
    return _here(word, _OTHER_WORDS, names) or nearest(kebab(word[:80]), names[1:])


def _here(word: str, table: _Table, known: Collection[str]) -> str | None:
    """Return what *word* of another tool is called here, if *table* says so and it is known."""
    called = (name for words, ours in table if word in words for name in ours)
    return next((name for name in called if name.partition(" ")[0] in known), None)


def choice(word: str, known: Iterable[str], usual: str) -> str:
    """Return the one of *known* that *word* was meant as, else the *usual* one."""
    return nearest(word.lower(), known) or usual


def kebab(name: str) -> str:
    """Spell *name* as options and commands are spelled."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).replace("_", "-").lower()


def option_name(word: str) -> str:
    """Return the name in ``--name`` or ``--name=value``, or nothing if *word* may be a secret.

    An option that does not exist is repeated in messages only if it looks like one.
    """
    return match[1] if (match := _OPTION.fullmatch(word)) else ""
