"""Files that sops encrypted, decrypted by sops itself.

Of YAML, JSON and dotenv each name is an entry, of INI each name behind its section; what it keeps
as binary is one entry, named as the file. Numbers are as sops prints them.

See: https://getsops.io/docs/
"""

from __future__ import annotations

import os

from secretctl.delivery.readers.documents import members, object_of
from secretctl.delivery.readers.entry import Entry, Run, distinct, refused, text_or_bytes
from secretctl.delivery.references import shown

_STRUCTURED = (".yaml", ".yml", ".json", ".env")
_INI = ".ini"
_NO_SECTION = "DEFAULT"


def read(path: str, run: Run) -> list[Entry]:
    """Return the entries of a file.

    Raises:
        DeliveryError: sops cannot decrypt it, or a value is null.
    """
    name, kind = os.path.splitext(os.path.basename(path))
    if name == _STRUCTURED[-1]:  # a file called .env alone
        kind = name
    file = os.path.abspath(path)
    is_text = kind in (*_STRUCTURED, _INI)
    words = ["sops", "--decrypt", "--output-type", "json" if is_text else "binary", file]
    printed = run(words, f"'{shown(path)}'")
    if not is_text:
        return [Entry(name, text_or_bytes(printed))]
    try:
        found = object_of(printed.decode(), path)
    except UnicodeDecodeError:
        raise refused(path, 0, "what sops prints is not UTF-8") from None
    return members(found, path) if kind != _INI else distinct(_of_ini(found, path), path)


def _of_ini(sections: dict[str, object], where: str) -> list[Entry]:
    entries: list[Entry] = []
    for section, found in sections.items():
        if not isinstance(found, dict):
            raise refused(where, 0, "what sops prints has no sections")
        head = "" if section == _NO_SECTION else f"{section}/"
        entries += [e._replace(name=head + e.name) for e in members(found, where)]
    return entries
