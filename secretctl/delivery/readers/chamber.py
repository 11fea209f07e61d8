r"""What ``chamber export`` prints: JSON, or dotenv in a dialect of its own.

In its dotenv every value stands in double quotes, line feed and return as ``\n`` and ``\r``, and
``\ " ! $ ``` behind a backslash. Names there are in capitals; JSON has them as they are kept.

See: https://github.com/segmentio/chamber#exporting
"""

from __future__ import annotations

import re

from secretctl.delivery.readers.documents import of_json
from secretctl.delivery.readers.entry import Entry
from secretctl.delivery.readers.scanning import pattern, scanned

_ASSIGNMENT = pattern(
    r'(?P<name>[A-Za-z0-9_.]+)="(?P<word>(?:[^\\\n\r"!$`]|\\[\\nr"!$`])*)"(?:\n|\Z)'
)
_LETTERS = {"n": "\n", "r": "\r"}


def read(text: str, where: str) -> list[Entry]:
    """Return an entry for each parameter of a service.

    Raises:
        DeliveryError: it is neither.
    """
    if text.lstrip().startswith("{"):
        return of_json(text, where)
    form = 'NAME="value" as chamber writes it; --format json and dotenv of chamber are read'
    return scanned(text, where, _ASSIGNMENT, _value, form)


def _value(word: str) -> str:
    return re.sub(r"\\(.)", lambda found: _LETTERS.get(found[1], found[1]), word)
