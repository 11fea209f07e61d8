"""Answer a shell that asks for completions: names and labels, never a value, never an error."""

from __future__ import annotations

from collections.abc import Iterable

from secretctl.cli import complete, config, endpoint
from secretctl.cli.api import open_session
from secretctl.cli.argv import split_globals
from secretctl.cli.complete_exec import Names
from secretctl.cli.words import LIMIT
from secretctl.context import Context
from secretctl.errors import NoVaultError, SecretctlError
from secretctl.service.in_use import names_in_use, stages_in_use, versions_in_use

_KEYS = ("key-id", "key", "alias", "grant")


def run(words: list[str], context: Context) -> int:
    """Print the candidates for the last of *words*, one a line.

    The words stand behind ``--``, or come through standard input, each with a NUL behind it. After
    ``--described`` a candidate that is no name from the vault has a tab and what it is behind it.

    A vault that cannot be opened without asking gives no names: a shell that is waiting for
    TAB cannot show an error, and must not be asked for a passphrase.
    """
    is_described = words[:1] == ["--described"]
    words = words[1:] if is_described else words
    words = (words[1:] if words[:1] == ["--"] else _piped(context)) or [""]
    found = answer(words, lambda kind, line: _names(kind, line, context), described=is_described)
    context.stdout.writelines(f"{line}\n" for line in found)
    return 0


def answer(words: list[str], names: Names, *, described: bool) -> list[str]:
    """Return what the last of *words* may become, where it is asked for with what that is.

    Of names from the vault, found by *names*, no more is said: a shell waits, and that would load
    more.
    """
    looked_up: list[str] = []

    def noted(kind: str, line: list[str]) -> Iterable[str]:
        looked_up[:] = names(kind, line)
        return looked_up

    found = complete.candidates(words, noted)
    if looked_up or not described:
        return found
    from secretctl.cli.complete_described import lines

    return lines(words, found)


def _piped(context: Context) -> list[str]:
    try:
        return context.stdin.read(LIMIT).split("\0")[:-1]
    except (AttributeError, OSError, ValueError):  # closed, or not UTF-8
        return []


def _names(kind: str, words: list[str], context: Context) -> Iterable[str]:
    if kind == "environment":
        return _environments(words, context)
    if kind == "function":
        return _functions(context)
    if kind == "profile":
        return _profiles(context)
    if kind == "slot":
        return _slots(words, context)
    return _in_vault(kind, words, context)


def _in_vault(kind: str, words: list[str], context: Context) -> Iterable[str]:
    try:
        session = open_session(_settings(words, context), silent(context), "complete")
    except SecretctlError:
        return ()
    try:
        if kind == "secret":
            return names_in_use(session, words[-1])
        if kind in _KEYS:
            from secretctl.service.in_use_keys import listed as listed_keys

            return listed_keys(session, kind, words[-1], _value_of(words, "--key-id"))
        if kind not in ("stage", "version"):
            from secretctl.service.in_use_principals import listed as listed_principals

            return listed_principals(session, kind, lambda option: _value_of(words, option))
        secret_id = _value_of(words, "--secret-id")
        listed = stages_in_use if kind == "stage" else versions_in_use
        return listed(session, secret_id) if secret_id else ()
    except SecretctlError:
        return ()
    finally:
        session.recorder.release()
        session.vault.close()


def _settings(words: list[str], context: Context) -> config.Settings:
    flags, _ = split_globals(_chosen(words, context))
    found = endpoint.settings(flags, context)
    if found.endpoint is not None:
        raise NoVaultError("names at an endpoint are not asked for: a shell waits for no network")
    return found


def _environments(words: list[str], context: Context) -> Iterable[str]:
    from secretctl.cli.manifest_file import load

    try:
        return load(_value_of(words, "--manifest") or None, "", context, "").environments
    except SecretctlError:
        return ()


def _functions(context: Context) -> Iterable[str]:
    from secretctl.cli.functions import registered
    from secretctl.rotation.functions import BUILTINS, WITH_SETTINGS

    ours = [*BUILTINS, *WITH_SETTINGS]
    try:
        return [*ours, *registered(context)]
    except SecretctlError:
        return ours


def _profiles(context: Context) -> Iterable[str]:
    from secretctl.cli.config_file import DEFAULT_PROFILE, load

    try:
        return (DEFAULT_PROFILE, *load(context.environ).profiles)
    except SecretctlError:
        return ()


def _slots(words: list[str], context: Context) -> Iterable[str]:
    from secretctl.cli.opening import lock_chosen

    try:
        locked = lock_chosen(_settings(words, context))
    except SecretctlError:
        return ()
    try:
        return [slot.id.hex() for slot in locked.header.slots]
    finally:
        locked.close()


def _chosen(words: list[str], context: Context) -> list[str]:
    """Return the words that choose a vault, wherever they stand.

    The shell has not yet replaced a tilde by the home folder.
    """
    chosen: list[str] = []
    for name in ("--vault", "--region", "--profile", "--endpoint-url"):
        value = _value_of(words, name)
        if value.startswith("~/"):
            value = context.environ.get("HOME", "~") + value[1:]
        if value:
            chosen += [name, value]
    return [*chosen, "exec"]


def _value_of(words: list[str], flag: str) -> str:
    for index, word in enumerate(words[:-1]):
        if word == flag:
            return words[index + 1]
        if word.startswith(f"{flag}="):
            return word.partition("=")[2]
    return ""


def silent(context: Context) -> Context:
    """Return *context* without anything that would ask or take long for a passphrase."""
    kept = {name: value for name, value in context.environ.items() if "PASSPHRASE" not in name}
    return context._replace(environ=kept, interactive=False)
