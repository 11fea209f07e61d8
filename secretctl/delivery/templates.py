r"""References among the text of a file: where one begins, where it ends, and what is an error.

    {{resolve:secretsmanager:ID:SecretString:KEY:STAGE:VERSION}}
    {{secretctl://ID#KEY?stage=LABEL}}
    secretctl://ID#KEY?stage=LABEL

* ``{{resolve:`` and ``secretctl://`` begin a reference wherever they stand. References of
  CloudFormation to Systems Manager (``ssm``, ``ssm-secure``) are left as they are.
* In braces a reference ends at ``}}`` on its own line, and holds no brace. Spaces and tabs beside
  the braces of the second form do not count.
* Without braces it ends in front of a blank, a control character or one of ``"'`<>()[]{}|,;\``.
* With nothing behind it, in braces, a beginning stands for itself: ``{{secretctl://}}`` gives
  ``secretctl://``, and ``{{resolve:}}`` gives ``{{resolve:``.
* It is UTF-8 and taken as it stands: escapes of the file's format are not read.
* All else is kept to the byte, and what is put in is not looked at again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from secretctl.delivery.references import RESOLVE, SCHEME, Source, reference
from secretctl.errors import DeliveryError, UsageError
from secretctl.record import NamedTuple

LARGEST = 1 << 22
"""Bytes of a template."""

LARGEST_RESULT = 1 << 24
"""Bytes of what comes of one."""

_BEGINS = re.compile(rb"\{\{[ \t]*secretctl://|secretctl://|\{\{resolve:(?!ssm(?:-secure)?:)")
_WHOLE = re.compile(
    rb"(?P<dynamic>\{\{resolve:[^{}\r\n]*\}\})"
    rb"|\{\{[ \t]*(?P<braced>secretctl://[^{}\r\n]*+)\}\}"
    rb"|(?P<bare>secretctl://[^\x00-\x20\x7f\"'`<>()\[\]{}|,;\\]*)"
)
_ITSELF = re.compile(rb"\{\{[ \t]*(secretctl://)[ \t]*\}\}|(\{\{resolve:)\}\}")
_WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
_FORMS = "write {{secretctl://SECRET-ID#KEY}} or {{resolve:secretsmanager:ID:SecretString:KEY}}"
_AS_TEXT = "for that text itself write {{secretctl://}}, or {{resolve:}} for its two braces too"


class Template(NamedTuple):
    """A text with references in it."""

    name: str
    """Of the file, for messages."""

    content: bytes
    spans: tuple[tuple[int, int], ...]
    """Where each reference begins and ends."""

    sources: tuple[Source, ...]
    """What each refers to."""

    def place(self, number: int) -> str:
        """Say where a reference stands, the first being number 0."""
        return place(self.content, self.spans[number][0], self.name)


def parse(content: bytes, name: str) -> Template:
    """Find the references in *content*, of which messages speak as *name*.

    Raises:
        DeliveryError: One cannot be read, is not ended or is not UTF-8, with its line and column;
            or the text is UTF-16 or UTF-32, in which none would be found.
    """
    for encoding in _WIDE:
        if any(mark.encode(encoding) in content for mark in (RESOLVE, SCHEME)):
            raise DeliveryError(
                f"{name} is {encoding[:6].upper()}, in which references are not read",
                "make it UTF-8: iconv -t UTF-8",
            )
    found = list(_found(content, name))
    spans = tuple(whole.span() for whole in found)
    return Template(name, content, spans, tuple(_source(whole, name) for whole in found))


def _found(content: bytes, name: str) -> Iterator[re.Match[bytes]]:
    end = 0
    while begin := _BEGINS.search(content, end):
        itself = _ITSELF.match(content, begin.start())
        whole = itself or _WHOLE.match(content, begin.start())
        if whole is None:
            where = place(content, begin.start(), name)
            said = f"{where}: a reference is not ended by }}}} on its line"
            raise DeliveryError(said, _FORMS, _AS_TEXT)
        if not itself:
            yield whole
        end = whole.end()


def _source(whole: re.Match[bytes], name: str) -> Source:
    try:
        return reference(whole[whole.lastgroup or 0].rstrip(b" \t").decode())
    except UnicodeDecodeError:
        message, hints = "a reference is not UTF-8", [_FORMS]
    except UsageError as error:
        message, hints = error.message, list(error.hints)
    where = place(whole.string, whole.start(), name)
    raise DeliveryError(f"{where}: {message}", *hints, _AS_TEXT)


def place(content: bytes, at: int, name: str) -> str:
    """Say where the byte *at* stands: line and column, in characters, both from 1."""
    begin = content.rfind(b"\n", 0, at) + 1
    before = content[begin:at].decode(errors="replace").removeprefix("\ufeff")
    line = content.count(b"\n", 0, at) + 1
    return f"line {line}, column {len(before) + 1} of {name}"


def filled(template: Template, values: Sequence[bytes]) -> bytes:
    """Return the text with a value in place of each reference.

    Raises:
        DeliveryError: It would be too large.
    """
    if len(template.content) + sum(map(len, values)) > LARGEST_RESULT:
        raise DeliveryError(
            f"what comes of {template.name} would be larger than {LARGEST_RESULT} bytes"
        )
    edges = [0, *(edge for span in template.spans for edge in span), len(template.content)]
    parts = [template.content[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True)]
    kept = [_ITSELF.sub(rb"\1\2", part) for part in parts]
    pairs = zip_longest(kept, values, fillvalue=b"")
    return b"".join(part for pair in pairs for part in pair)
