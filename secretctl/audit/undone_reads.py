"""Reads that gave nothing out, though they are on record as granted.

A value is decrypted once its read is on the disk. Where that fails, a second record of the same
request, secret and version has the error. One that was decrypted and could not be delivered has a
second record too, which says so: part of it may have gone out, and it was read.
"""

from __future__ import annotations

from secretctl.audit import attributes, query
from secretctl.audit.event import UNDELIVERED
from secretctl.audit.query import Condition, Query
from secretctl.audit.reader import Reader
from secretctl.model.shapes import Fields

READ = "GetSecretValue"
_ERRORS = ("DecryptionFailure", "AccessDeniedException")

_Key = tuple[str, str, str]
"""Request, ARN, version id."""


class Undone:
    """The second records of a journal that take a read back."""

    def __init__(self, directory: str, start_ms: int | None = None) -> None:
        """Find them in the journal in *directory*, from *start_ms* (since 1970) on."""
        self._left: dict[_Key, int] = {}
        hints = tuple(f'"errorCode":"{code}"'.encode() for code in _ERRORS)
        wanted = Query((query.member("eventName", READ), Condition(hints, _undoes)), start_ms)
        reader = Reader(directory)  # lines that cannot be read are counted by whoever asks
        for record in query.select(reader, reader.forward(), wanted):
            key = _key(record.fields)
            self._left[key] = self._left.get(key, 0) + 1

    def take(self, fields: Fields) -> bool:
        """Tell whether a read that is on record gave nothing out; asked once of each read."""
        left = self._left.get(_key(fields), 0) if self._left else 0
        if left:
            self._left[_key(fields)] = left - 1
        return bool(left)


def _undoes(fields: Fields) -> bool:
    """Tell whether an error is a second record: what was refused at once names no version."""
    return (
        bool(_key(fields)[2])
        and fields.get("errorCode") in _ERRORS
        and fields.get("errorMessage") != UNDELIVERED
    )


def _key(fields: Fields) -> _Key:
    request, version = fields.get("requestID"), ("additionalEventData", "versionId")
    return str(request), attributes.arn(fields), attributes.text(fields, *version)
