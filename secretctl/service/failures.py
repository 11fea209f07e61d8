"""Recording what breaks off and is no operation of AWS's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from secretctl.audit.event import Event
from secretctl.audit.line import Head
from secretctl.errors import SecretctlError
from secretctl.service.recording import Recorder


@contextmanager
def announced(recorder: Recorder, event: Event, failure: str) -> Iterator[Head]:
    """Record *event* before it happens, and once more with the sentence *failure* if it does not.

    Gives the place of the first record.

    Raises:
        JournalUnavailableError: It could not be recorded; nothing was done.
    """
    head = recorder.write([event])
    try:
        yield head
    except BaseException as error:
        with suppress(SecretctlError):  # the error itself is what there is to tell
            recorder.write([failed(event, error, failure)])
        raise


def failed(event: Event, error: BaseException, failure: str) -> Event:
    """Return the event of what ended with *error*; *failure* is a sentence of the journal's own."""
    return event._replace(error_code=type(error).__name__, error_message=failure)
