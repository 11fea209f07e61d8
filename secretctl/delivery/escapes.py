"""How a value is written in a file of some type.

    none    as it is
    json    between the double quotes of a string (RFC 8259)
    yaml    between the double quotes of a scalar (YAML 1.1 and 1.2)
    toml    between the double quotes of a basic string (TOML 1.0)
    xml     in the text of an element, or between the quotes of an attribute (XML 1.0)
    shell   a word, or a part of one, in single quotes of its own (POSIX)

What is written for json, yaml, toml and xml is printable ASCII, whatever encoding the file has.
`escape_places` has where it may stand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from secretctl.delivery.formats.posix_shell import quoted
from secretctl.delivery.references import Source, shown, spelled
from secretctl.errors import DeliveryError

NONE = "none"
_XML_CONTROLS = "\t\n\r"
_XML_NEVER = ("\ufffe", "\uffff")
_MEANT_IN_XML = "&<>\"'"
_TEMPLATE_ENDINGS = (".tmpl", ".tpl", ".template", ".in")
_BY_ENDING: Mapping[str, str] = {
    ".json": "json",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".toml": "toml",
    ".xml": "xml",
    ".sh": "shell",
}


def by_name(file: str) -> str | None:
    """Return the escape for a file of that name, by its extension; None for an unknown one.

    An ending that says no more than that the file is a template does not count.
    """
    name = file.lower()
    ending = next((each for each in _TEMPLATE_ENDINGS if name.endswith(each)), "")
    name = name.removesuffix(ending)
    return next((form for each, form in _BY_ENDING.items() if name.endswith(each)), None)


def escaped(value: object, form: str, source: Source) -> bytes:
    """Return *value* of *source* as it is written in a file.

    Args:
        value: Text, or the bytes of a binary secret.
        form: One of `ESCAPES`.
        source: For messages.

    Raises:
        DeliveryError: the type cannot hold it.
    """
    try:
        if isinstance(value, bytes):
            if form != NONE:
                raise ValueError("it is binary")
            return value
        return ESCAPES[form](str(value)).encode()
    except UnicodeEncodeError:
        reason = "it holds half of a surrogate pair, which is no character"
    except ValueError as error:
        reason = str(error)
    where = f"'{shown(spelled(source))}' cannot be written" + (f" as {form}" * (form != NONE))
    raise DeliveryError(f"{where}: {reason}", "secretctl get writes any value by itself")


def _in_json(value: str) -> str:
    import json

    value.encode()
    return json.dumps(value)[1:-1]


def _in_quotes(value: str) -> str:
    """Escape for the double quotes of YAML and TOML.

    Blanks at an edge are escaped too: YAML drops those that stand beside a line end of the file.
    """
    value.encode()
    inner = value.strip(" ")
    before = len(value) - len(value.lstrip(" "))
    behind = len(value) - before - len(inner)
    return "\\u0020" * before + "".join(map(_letter_in_quotes, inner)) + "\\u0020" * behind


def _letter_in_quotes(letter: str) -> str:
    if letter in '"\\':
        return "\\" + letter
    if letter.isascii() and letter.isprintable():
        return letter
    return f"\\u{ord(letter):04x}" if letter <= "\uffff" else f"\\U{ord(letter):08x}"


def _in_xml(value: str) -> str:
    value.encode()
    for letter in value:
        if (letter < " " and letter not in _XML_CONTROLS) or letter in _XML_NEVER:
            raise ValueError("it holds a character that XML cannot hold")
    return "".join(map(_letter_in_xml, value))


def _letter_in_xml(letter: str) -> str:
    if letter in _MEANT_IN_XML or not (letter.isascii() and letter.isprintable()):
        return f"&#{ord(letter)};"
    return letter


def _in_shell(value: str) -> str:
    if "\0" in value:
        raise ValueError("it holds a NUL character")
    return quoted(value)


ESCAPES: Mapping[str, Callable[[str], str]] = {
    NONE: str,
    "json": _in_json,
    "yaml": _in_quotes,
    "toml": _in_quotes,
    "xml": _in_xml,
    "shell": _in_shell,
}
"""Functions that escape; each raises ValueError with the reason where it cannot."""

AUTO = "auto"
CHOICES = (*ESCAPES, AUTO)
"""What a person may choose; `by_name` says what `AUTO` is for a file."""
