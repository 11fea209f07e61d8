"""Policy variables: ``${key}``, ``${key, 'default'}``, and ``${*}``, ``${?}``, ``${$}``.

Only policies of version 2012-10-17 have them; to others the same characters are text. A value that
comes from a variable is literal: an asterisk in a user's name is no wildcard.

See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from secretctl.policy import wildcard
from secretctl.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    Context = Mapping[str, "str | tuple[str, ...]"]
    """What is known of a request: keys in small letters; a key of several values has a tuple."""

_ESCAPED = "*?$"
_NOT_IN_KEY = "'\"${},\t\r\n"


class Part(NamedTuple):
    """A piece of text that has variables in it."""

    text: str
    """The text itself; for a variable its key in small letters."""

    is_literal: bool = False
    is_variable: bool = False
    default: str | None = None


class Late(Mapping[str, "str | tuple[str, ...]"]):
    """What is known of a request, by *make* when it is looked at first: few policies ask for it."""

    def __init__(self, make: Callable[[], Context]) -> None:
        self._make = make
        self._made: Context | None = None

    def __getitem__(self, key: str) -> str | tuple[str, ...]:
        """Return what *key* is."""
        return self._all()[key]

    def __iter__(self) -> Iterator[str]:
        """Go through the keys."""
        return iter(self._all())

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._all())

    def _all(self) -> Context:
        if self._made is None:
            self._made = self._make()
        return self._made


def parts(text: str, *, are_read: bool) -> tuple[Part, ...]:
    """Cut *text* at its variables, if variables *are read* in it.

    Raises:
        ValueError: A variable is opened and not closed, or has no proper key. Static message.
    """
    if not are_read or "${" not in text:
        return (Part(text),)
    found: list[Part] = []
    at = 0
    while (start := text.find("${", at)) >= 0:
        if start > at:
            found.append(Part(text[at:start]))
        part, at = _variable(text, start + 2)
        found.append(part)
    if at < len(text):
        found.append(Part(text[at:]))
    return tuple(found)


def has_variable(template: tuple[Part, ...]) -> bool:
    """Tell whether the text depends on the request."""
    return any(part.is_variable for part in template)


def needed(template: tuple[Part, ...]) -> list[str]:
    """Return the keys, in small letters, without which the text has no value."""
    return [part.text for part in template if part.is_variable and part.default is None]


def resolved(template: tuple[Part, ...], context: Context) -> list[tuple[str, bool]] | None:
    """Return the text, in parts that are literal or not; None where a variable has no value.

    A key of several values has none that could be put in, however many are given, and an empty
    text is none: before an asterisk it would match everything. A default stands in for neither.
    """
    found = []
    for part in template:
        text: str | tuple[str, ...] | None = part.text
        if part.is_variable:
            text = context.get(part.text, part.default)
            if text == "" and part.text in context:
                return None
        if not isinstance(text, str):
            return None
        found.append((text, part.is_literal or part.is_variable))
    return found


def pattern(template: tuple[Part, ...], context: Context) -> wildcard.Pattern | None:
    """Return the pattern the text is for a request; None where a variable has no value."""
    found = resolved(template, context)
    return None if found is None else wildcard.pattern(found)


def text(template: tuple[Part, ...], context: Context) -> str | None:
    """Return the text as it is, wildcards being letters; None where a variable has no value."""
    found = resolved(template, context)
    return None if found is None else "".join([part for part, _ in found])


def _variable(text: str, start: int) -> tuple[Part, int]:
    """Return what begins behind ``${``, and where the text goes on."""
    if text[start : start + 1] and text[start] in _ESCAPED and text[start + 1 : start + 2] == "}":
        return Part(text[start], is_literal=True), start + 2
    end = start
    while end < len(text) and text[end] not in _NOT_IN_KEY:
        end += 1
    key = text[start:end]
    if not key or key != key.strip():
        raise ValueError("a policy variable has no proper key")
    if text[end : end + 1] == "}":
        return Part(key.lower(), is_variable=True), end + 1
    if text[end : end + 1] != ",":
        raise ValueError("a policy variable is not closed")
    default, end = _default(text, end + 1)
    return Part(key.lower(), is_variable=True, default=default), end


def _default(text: str, start: int) -> tuple[str, int]:
    """Return the quoted text behind a comma, and where the text goes on behind ``}``."""
    while text[start : start + 1] == " ":
        start += 1
    end = text.find("'", start + 1)
    if text[start : start + 1] != "'" or end < 0:
        raise ValueError("the default of a policy variable is not in single quotes")
    after = end + 1
    while text[after : after + 1] == " ":
        after += 1
    if text[after : after + 1] != "}":
        raise ValueError("a policy variable is not closed")
    return text[start + 1 : end], after + 1
