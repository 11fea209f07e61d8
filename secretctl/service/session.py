"""What an operation is given besides its parameters."""

from __future__ import annotations

from collections.abc import Callable

from secretctl.context import Context
from secretctl.record import NamedTuple
from secretctl.vault.vault import Vault


def no_function(_: str) -> bool:
    """Know no rotation function."""
    return False


class Session(NamedTuple):
    """A caller's dealings with one vault in one region."""

    context: Context
    vault: Vault
    region: str
    seen: set[tuple[str, str, str]]
    """Versions read and not yet recorded as read: region, name, version id."""

    listings: dict[tuple[int, str], list[tuple[int | str, int, str]]]
    """Sorted listings by generation and request, kept between the pages of one listing."""

    has_function: Callable[[str], bool] = no_function
    """Tells whether a RotationLambdaARN names a rotation function that can be run."""


def begin(
    context: Context,
    vault: Vault,
    region: str,
    has_function: Callable[[str], bool] = no_function,
) -> Session:
    """Return a session in *region* of an open vault."""
    return Session(context, vault, region, set(), {}, has_function)
