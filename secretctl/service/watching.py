"""Which versions requests would be answered from just now, for whoever read them before.

Nothing is decrypted and nothing recorded: policies are asked as for a read, and a caller who might
not read is told no more than that. What is then read goes through `dispatch`, like everything.
"""

from __future__ import annotations

from secretctl.errors import SecretctlError
from secretctl.record import TYPE_CHECKING
from secretctl.service.reading import choose
from secretctl.service.secrets import arn

if TYPE_CHECKING:
    from secretctl.service.session import Session

Standing = tuple[str, str]
"""ARN of a secret, and the id of a version."""


def standing(
    session: Session, requests: list[dict[str, object]]
) -> list[Standing | SecretctlError]:
    """Return for each GetSecretValue request what it means, or the error that would refuse it.

    Raises:
        VaultDamagedError: The vault's state is not what was written.
    """
    with session.vault.read() as view:
        choices = [choose(session, view, request) for request in requests]
    found: list[Standing | SecretctlError] = []
    for choice in choices:
        if choice.found is None:
            assert choice.error is not None, "nothing was found and nothing refused"
            found.append(choice.error)
        else:
            secret, version = choice.found
            found.append((arn(session, secret), version.id))
    return found


def give_up(session: Session) -> None:
    """End a session in which nothing happened that is to be recorded."""
    try:
        session.recorder.release()
    finally:
        session.vault.close()
