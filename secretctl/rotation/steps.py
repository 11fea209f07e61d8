"""One step of a rotation, as a function is given it, and what it says where it fails.

See: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_how.html
"""

from __future__ import annotations

from collections.abc import Callable

from secretctl.errors import SecretctlError
from secretctl.record import NamedTuple

CREATE, SET, TEST, FINISH = "createSecret", "setSecret", "testSecret", "finishSecret"
STEPS = (CREATE, SET, TEST, FINISH)

Fields = dict[str, object]


class Step(NamedTuple):
    """What a function is asked to do."""

    name: str
    """One of `STEPS`."""

    secret_id: str
    """The ARN."""

    token: str
    """Id of the version that is made; see ClientRequestToken."""

    is_filled: bool
    """Whether that version has a value already: this step was tried before."""

    current: str
    """Id of the current version; empty where there is none."""

    call: Callable[[str, Fields], Fields]
    """Calls an operation by its name with the parameters of the wire."""

    random: Callable[[int], bytes]
    """Gives that many unpredictable bytes."""

    now_ms: Callable[[], int]
    """Milliseconds since 1970."""


def event(step: Step, **more: object) -> Fields:
    """Return the event of a step, as Lambda passes it on, with members besides."""
    ours = {"Step": step.name, "SecretId": step.secret_id, "ClientRequestToken": step.token}
    return {**ours, **more}


class Function(NamedTuple):
    """What rotates a secret."""

    name: str
    run: Callable[[Step], None]
    """Does one step; raises StepError."""

    reads: tuple[str, ...] = ()
    """Ids of the secrets that it may read besides, with the permissions of whoever rotates."""

    acts_outside: bool = True
    """Whether it changes anything but the vault: each step is on the disk before it runs then."""

    hands_on: bool = False
    """Whether it gives values that it reads to programs of the user's."""

    check: Callable[[Step], None] = lambda _: None
    """Says what is missing for a rotation, as StepError, and changes nothing."""

    stop: Callable[[], None] = lambda: None
    """Breaks off the step that it is at, as far as that can be done; called from another thread."""

    close: Callable[[], None] = lambda: None
    """Ends what it has running; called once, whatever became of the rotation."""


class StepError(SecretctlError):
    """A step of a rotation failed.

    Args:
        message: Static: a function may have failed at anything, a value too.
    """


class RotationError(SecretctlError):
    """A rotation was accepted, and did not succeed."""

    exit_status = 1
