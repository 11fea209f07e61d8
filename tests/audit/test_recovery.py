"""What a record says of changes, as the state behind it keeps it."""

import pytest

from secretctl.audit import recovery
from secretctl.audit.line import NO_HASH, Head, Record, written
from secretctl.audit.state import NO_INTENT
from secretctl.errors import JournalDamagedError

BEGUN = recovery.begun(b"s" * 32, 1, Head(-1, NO_HASH), b"v" * 16, b"b" * 16)
STATE = BEGUN._replace(offset=100, number=4, generation=3)
OPEN = STATE._replace(intent=40)
LINE = written(4, NO_HASH, '"a":1', b"k" * 32)
CASES = {
    "another": (STATE, Record("", "X"), (NO_INTENT, 3, 0)),
    "another with a generation": (STATE, Record("", "X", "", 9), (NO_INTENT, 3, 0)),
    "opened": (STATE, Record("", "SegmentOpened", "", 9), (NO_INTENT, 9, 0)),
    "opened, no generation": (STATE, Record("", "SegmentOpened"), (NO_INTENT, 3, 0)),
    "closed": (STATE, Record("", "SegmentClosed"), (NO_INTENT, 3, 1)),
    "intent": (STATE, Record("", "X", "intent", 9), (100, 3, 0)),
    "second intent": (OPEN, Record("", "X", "intent"), (40, 3, 0)),
    "outcome": (OPEN, Record("", "X", "outcome", 9), (NO_INTENT, 9, 0)),
    "outcome of none": (OPEN, Record("", "X", "outcome"), (NO_INTENT, 3, 0)),
    "outcome, more": (OPEN, Record("", "X", "outcome", 9, more=True), (40, 9, 0)),
}


@pytest.mark.parametrize("name", CASES)
def test_the_state_keeps_what_a_record_says(name: str) -> None:
    """The first intent without its outcome, the newest generation, whether it is closed."""
    state, record, kept = CASES[name]
    behind = recovery.after(state, LINE, record)
    assert (behind.intent, behind.generation, behind.closed) == kept
    assert (behind.offset, behind.number) == (100 + len(LINE), 5)


def test_a_start_that_has_no_name_is_never_the_same_one() -> None:
    """What nobody announced is taken over after another start, and where starts are not told."""
    line = written(0, NO_HASH, '"eventName":"X"', BEGUN.key)
    for before, now in ((b"b", b"c"), (b"\0", b"\0"), (b"\0", b"b")):
        state = BEGUN._replace(boot_id=before * 16)
        assert recovery.recover(state, line + b"torn", now * 16)[1:] == (1, b"torn")
    with pytest.raises(JournalDamagedError, match="nobody announced"):
        recovery.recover(BEGUN, line, b"b" * 16)
