"""The value of a secret that opens an account by SSH, in the words of AWS's own uses of such keys.

A JSON object. With ``Host``, a name or a list of names, it also has ``Username`` and
``PrivateKey``, and may have ``Port`` and ``TrustedHostKeys``: ``TYPE BASE64`` for any of the hosts,
or lines as ssh-keyscan writes them, ``HOST TYPE BASE64``. Without ``Host`` it is a pair, no more.
``PublicKey`` is written, never read.

See: https://docs.aws.amazon.com/transfer/latest/userguide/sftp-connector-secret-procedure.html
"""

from __future__ import annotations

import string

from secretctl.record import NamedTuple
from secretctl.rotation import members
from secretctl.rotation.steps import Fields, StepError

PORT = 22
_LETTERS = frozenset(string.ascii_letters + string.digits)
_OF_NAMES = _LETTERS | frozenset("._-@+")
_OF_HOSTS = _LETTERS | frozenset(".-:_")
_OF_KEYS = _LETTERS | frozenset("+/=-@.")
_OF_PLACES = _OF_HOSTS | frozenset("[]")
_LONGEST = 255
_KEY_WORDS = 2


class Account(NamedTuple):
    """Where a key is let in."""

    hosts: tuple[str, ...]
    """None for a key pair that is used nowhere we know of."""

    port: int
    username: str
    trusted: tuple[str, ...]
    """Lines of a known_hosts file; none if those of whoever rotates count."""


class KeyValue(NamedTuple):
    """What a value says. Its ``repr`` shows no key."""

    account: Account
    private: str
    """Empty where there is none yet."""

    members: Fields
    """All members of the object."""

    def __repr__(self) -> str:
        """Name what it is."""
        return "<key of an account>"


def read(text: str) -> KeyValue:
    """Return what a value says.

    Raises:
        StepError: It does not say enough; the message names the member, and nothing that it holds.
    """
    found = members.read(text)
    hosts = _hosts(found.get("Host"))
    if not hosts:
        return KeyValue(Account((), PORT, "", ()), "", found)
    username, private = members.needed(found, "Username"), members.needed(found, "PrivateKey")
    if not _is_plain(username, _OF_NAMES):
        raise StepError("the Username of the value has characters that no account has")
    port = members.port(found.get("Port"), PORT)
    return KeyValue(Account(hosts, port, username, _trusted(found)), private, found)


def _hosts(value: object) -> tuple[str, ...]:
    found = [value] if isinstance(value, str) else value
    if not found:
        return ()
    if not isinstance(found, list) or not all(_is_plain(each, _OF_HOSTS) for each in found):
        raise StepError(
            "the Host of the value is no name or address of a host, and no list of such"
        )
    return tuple(found)


def _trusted(found: Fields) -> tuple[str, ...]:
    lines = found.get("TrustedHostKeys") or []
    if not isinstance(lines, list):
        raise StepError("the TrustedHostKeys of the value are no list")
    return tuple(_known(each) for each in lines)


def _known(line: object) -> str:
    """Return a host key as a line of known_hosts."""
    words = line.split() if isinstance(line, str) else []
    words = words if len(words) != _KEY_WORDS else ["*", *words]
    places, keys = words[:1], words[1:]
    is_good = len(keys) == _KEY_WORDS and all(_is_plain(each, _OF_KEYS) for each in keys)
    if not is_good or not (places == ["*"] or _is_plain(places[0], _OF_PLACES)):
        raise StepError(
            "one of the TrustedHostKeys of the value is no host key",
            "ssh-keyscan HOST shows them as they are to be written: HOST TYPE BASE64",
        )
    return " ".join(words)


def _is_plain(text: object, allowed: frozenset[str]) -> bool:
    """Tell whether *text* can stand in a configuration of ssh as it is."""
    if not isinstance(text, str) or not 0 < len(text) <= _LONGEST:
        return False
    return set(text) <= allowed and not text.startswith("-")
