r"""Files for ``EnvironmentFile=``, as far as they say one thing.

    NAME="value"      a backslash in front of " \ ` $ and nothing else; over several lines too
    NAME='value'      without backslashes
    NAME=value        without blanks, quotes and backslashes
    # or ;            a remark

See: systemd.exec(5), EnvironmentFile=
"""

from __future__ import annotations

import re

from secretctl.delivery.readers.entry import Entry
from secretctl.delivery.readers.scanning import END, NAME, pattern, scanned

_ASSIGNMENT = pattern(
    rf"""[ \t]*{NAME}=(?P<word>"(?:[^"\\]|\\["\\`$])*"|'[^'\\]*'|[^\s"'\\]*){END}"""
)
_REMARK = pattern(r"[ \t]*[#;](?:[^\n]*[^\n\\])?(?:\n|\Z)|[ \t]*\n|[ \t]+\Z")


def read(text: str, where: str) -> list[Entry]:
    """Return an entry for each variable.

    Raises:
        DeliveryError: a line is of another form.
    """
    form = 'NAME="value", with a backslash in front of " \\ ` $ alone, or NAME=\'value\''
    return scanned(text, where, _ASSIGNMENT, _value, form, _REMARK)


def _value(word: str) -> str:
    if word.startswith('"'):
        return re.sub(r"\\(.)", r"\1", word[1:-1])
    return word[1:-1] if word.startswith("'") else word
