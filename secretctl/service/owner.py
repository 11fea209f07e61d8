"""What needs the root key, and so is for the vault's owner alone, whatever policies allow."""

from __future__ import annotations

from secretctl.errors import OwnerOnlyError
from secretctl.record import TYPE_CHECKING
from secretctl.service.failures import failing

if TYPE_CHECKING:
    from secretctl.audit.event import Event
    from secretctl.service.session import Session

_CHANGES = "Only the account root can change users, groups, roles, policies and keys."


def refuse_principals(session: Session, event: str) -> None:
    """Refuse whoever opened the vault by a credential, which has not the root key.

    Args:
        session: Of the caller.
        event: Name of what is asked for, as the journal has it.

    Raises:
        OwnerOnlyError: AccessDenied.
    """
    if session.caller.holder is not None:
        raise OwnerOnlyError(event)


def refuse_change(session: Session, code: str) -> None:
    """Refuse to change principals or keys to whoever has not the root key.

    Raises:
        OwnerOnlyError: *code*: AccessDenied or AccessDeniedException, after the service.
    """
    if session.caller.holder is not None:
        raise OwnerOnlyError("", code, _CHANGES)


def refuse_recorded(session: Session, event: Event) -> None:
    """Refuse principals what is recorded as *event*, before anything of it is done; raises so."""
    with failing(session.recorder, lambda: event, ""):
        refuse_principals(session, event.name)
