"""What a shell may offer behind ``exec``, ``check`` and ``export``: sources and options."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise

from secretctl.cli import exec_options
from secretctl.cli.exec_watch_options import SIGNALS
from secretctl.delivery.conflicts import POLICIES
from secretctl.delivery.references import SCHEME, is_variable

_NAMED = ("--environment", "--profile")
_GLOBAL = ("--vault", "--endpoint-url", "--region", "--profile")
_TAKING = ("--manifest", *_GLOBAL)
_CHOICES = {"--on-conflict": POLICIES, "--watch-signal": SIGNALS}
_FILES = ("--file", "--optional-file")
Names = Callable[[str, list[str]], Iterable[str]]
"""Given a completer (`shapes.Member` lists them) and the words, the last of which is what the names
begin with, returns names from the vault; for labels and versions the secret stands behind
``--secret-id``."""


def offered(before: list[str], prefix: str, names: Names, options: Iterable[str]) -> Iterable[str]:
    """Offer sources, or *options*; behind ``--`` the words are another program's."""
    if "--" in before:
        return ()
    last = before[-1] if before else ""
    if last in _NAMED:
        return names(last[2:], [*before, prefix])
    if last in exec_options.WITH_VALUE and last != "--optional":
        return _of_option(last, before, prefix, names)
    if last in _GLOBAL:
        return options
    if prefix.startswith("-"):
        return (*options, "--")
    return sources(before, prefix, names)


def check(before: list[str], prefix: str, names: Names, options: Iterable[str]) -> Iterable[str]:
    """Offer what may stand behind ``check``: sources, or *options*."""
    last = before[-1] if before else ""
    if last in _NAMED:
        return names(last[2:], [*before, prefix])
    if last == "--output":
        return ("json", "table", "text")
    is_option = prefix.startswith("-") and "--" not in before
    return options if is_option or last in _TAKING else sources(before, prefix, names)


def _of_option(option: str, before: list[str], prefix: str, names: Names) -> Iterable[str]:
    """Offer what may stand behind an option of ``exec``; the shell knows files."""
    if option in _CHOICES:
        return _CHOICES[option]
    if option == "--file-kind":
        from secretctl.delivery.run_files import KINDS

        return KINDS
    if option == "--file-name":
        return [
            _variable(word) for each, word in pairwise(before) if each in _FILES and _variable(word)
        ]
    if option in _FILES and _variable(prefix):
        return sources(before, prefix, names)
    return ()


def reference(
    before: list[str], prefix: str, names: Names, options: Iterable[str], *, is_read: bool
) -> Iterable[str]:
    """Offer what may stand behind ``get``: one secret, or *options*.

    A secret that is not read but changed, by ``set`` or ``unset``, has no version to choose.
    """
    if before[-1:] == ["--profile"]:
        return names("profile", [*before, prefix])
    if prefix.startswith("-") or before[-1:] in (["--vault"], ["--region"]):
        return options
    if before[-1:] == ["--from-file"] or any(not word.startswith("-") for word in before[-1:]):
        return ()
    if "?" in prefix and not is_read:
        return ()
    if "?" in prefix or prefix.startswith(SCHEME):
        return _sources(before, prefix, "", names)
    return names("secret", [*before, prefix])


def sources(before: list[str], prefix: str, names: Names) -> Iterable[str]:
    """Offer what `delivery.references` reads."""
    return _sources(before, prefix, _variable(prefix), names)


def _sources(before: list[str], prefix: str, variable: str, names: Names) -> Iterable[str]:
    if prefix.startswith(SCHEME, len(variable)):
        variable += SCHEME
    secret, mark, version = prefix[len(variable) :].partition("?")
    if mark:
        return _pinned(before, variable, secret, version, names)
    if "#" in secret:
        return ()  # The keys of a secret are a part of its value.
    found = names("secret", [*before, secret])
    # NOTE: a name such as ``a=b`` would be read as the variable ``a``.
    return [variable + each for each in found if variable or not _variable(each)]


def _variable(word: str) -> str:
    """Return the ``NAME=`` a source begins with; empty where it has none."""
    name, equals, _ = word.partition("=")
    return name + equals if equals and is_variable(name) else ""


def _pinned(
    before: list[str], variable: str, secret: str, version: str, names: Names
) -> Iterable[str]:
    """Offer what may stand behind the question mark of a source."""
    head = f"{variable}{secret}?"
    kinds = [kind for kind in ("stage", "version") if f"{kind}=".startswith(version)]
    if len(kinds) == 2:  # noqa: PLR2004 both: the next letter decides
        return [f"{head}{kind}=" for kind in kinds]
    kind, _, begun = version.partition("=")
    kind = kinds[0] if kinds else kind
    if kind not in ("stage", "version"):
        return ()
    secret_id = secret.partition("#")[0]
    found = [*names(kind, [*before, "--secret-id", secret_id, begun])] or [""]
    return [f"{head}{kind}={each}" for each in found]
