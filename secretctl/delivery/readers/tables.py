"""TOML and CSV: one table of names and values, each of which is text."""

from __future__ import annotations

import re

from secretctl.delivery.readers.entry import Entry, distinct, refused
from secretctl.delivery.references import shown

_HEADING = ["name", "value"]


def of_toml(text: str, where: str) -> list[Entry]:
    """Read one table (TOML 1.0) of strings.

    Raises:
        DeliveryError: it is no TOML, or a value is no string.
    """
    import tomllib

    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        told = re.search(r"\(at line ([0-9]+), column [0-9]+\)\Z", str(error))
        raise refused(where, int(told[1]) if told else 0, "it is not TOML") from None
    except RecursionError:
        raise refused(where, 0, "it is nested too deeply") from None
    for key, value in found.items():
        if not isinstance(value, str):
            raise refused(where, 0, f"the value of '{shown(key)}' is no string", "put it in quotes")
    return distinct((Entry(key, value) for key, value in found.items()), where)


def of_csv(text: str, where: str) -> list[Entry]:
    """Read a table (RFC 4180) whose first line is ``name,value``.

    Raises:
        DeliveryError: it has another heading, or a line has another number of fields.
    """
    import csv
    from io import StringIO

    rows = csv.reader(StringIO(text, newline=""), strict=True)
    entries: list[Entry] = []
    begins = 1
    try:
        for row in rows:
            if len(row) != len(_HEADING) or (begins == 1 and row != _HEADING):
                why = "it is not two fields" if begins > 1 else "the first line is not name,value"
                raise refused(where, begins, why)
            if begins > 1:
                entries.append(Entry(row[0], row[1], begins))
            begins = rows.line_num + 1
    except csv.Error:
        raise refused(where, begins, "it is not CSV, or a field is larger than 128 KiB") from None
    return distinct(entries, where)
