"""A value that is read and then changed, with nobody in between: both while the vault is held.

Both come through the door as if they were alone, with records of their own.
"""

from __future__ import annotations

from collections.abc import Callable

from secretctl.errors import SecretctlError, ServiceError
from secretctl.model.shapes import Parameters, Result
from secretctl.service.acts import own_act
from secretctl.service.one_commit import Step
from secretctl.service.reading import choose, release
from secretctl.service.secrets import changing
from secretctl.service.session import Session


class _NothingToDoError(Exception):
    """What there is is what is wanted."""


def change(
    session: Session,
    request: Parameters,
    via: str,
    next_step: Callable[[Result | ServiceError], Step | None],
) -> Result | None:
    """Read a value and do what *next_step* makes of it, in one transaction.

    Args:
        session: Of the caller.
        request: Wire parameters of GetSecretValue.
        via: What the record of the read says of the command that reads.
        next_step: May raise, and then nothing is changed.

    Returns:
        The answer of the step; None where there was none.

    Raises:
        ServiceError: The step was refused.
        SecretctlError: The vault could not be read or changed.
    """
    whole = own_act(session, "Set", {})
    whole.consists_of(())
    whole.is_recorded = True
    with session.recorder.during(whole):
        try:
            with changing(session) as transaction:
                within = session._replace(within=transaction)
                choice = choose(within, transaction, request, {"operation": via})
                (answer,) = release(within, transaction, [choice])
                if isinstance(answer, SecretctlError) and not isinstance(answer, ServiceError):
                    raise answer
                step = next_step(answer)
                if step is None:
                    raise _NothingToDoError
                whole.consists_of((step.act,))
                whole.is_recorded = False
                session.recorder.act = step.act
                result = step.run(within)
                session.recorder.act = whole
                return result
        except _NothingToDoError:
            return None
