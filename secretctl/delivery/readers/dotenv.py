"""Files of ``NAME='value'``: the dialects that `delivery.dotenv` reads."""

from __future__ import annotations

from secretctl.delivery import dotenv as dialect
from secretctl.delivery.readers.entry import Entry


def dotenv(text: str, where: str) -> list[Entry]:
    """Read what python-dotenv and Node's dotenv read alike.

    Raises:
        DeliveryError: a line is of another form.
    """
    return [Entry(*each) for each in dialect.entries(text, where)]


def compose(text: str, where: str) -> list[Entry]:
    """Read a file for docker compose, which keeps all that stands in single quotes; raises so."""
    return [Entry(*each) for each in dialect.entries(text, where, for_compose=True)]
