"""A value over there that is read and then changed, though AWS has no way to hold it meanwhile.

Somebody may put another value between our reading and our writing, and it would be lost. Which
version ours took the place of is told by AWSPREVIOUS: if it is not the one that was read, it is
read, changed likewise and put as well. Two who change different keys at the same time so keep both.
"""

from __future__ import annotations

from secretctl.errors import EndpointError, ServiceError
from secretctl.model.operations import BY_NAME
from secretctl.model.shapes import Decide
from secretctl.remote.calling import Parameters, Remote, Result, call

_READ = BY_NAME["GetSecretValue"]
_TRIES = 3


def change(remote: Remote, request: Parameters, decide: Decide, *, is_part: bool) -> Result | None:
    """Read a value and do what *decide* makes of it, again for each version that was overtaken.

    Args:
        remote: Where.
        request: Wire parameters of GetSecretValue.
        decide: May raise, and then nothing is changed.
        is_part: Whether a part of the value is changed, and another's part could be lost.

    Returns:
        The answer of what was called last; None if nothing was.

    Raises:
        ServiceError: What was called was refused.
        EndpointError: The endpoint could not be reached, or others changed the secret all the time.
    """
    answer, expected = _present(remote, request)
    made: Result | None = None
    for _ in range(_TRIES):
        step = decide(answer)
        if step is None:
            return made
        made = call(remote, *step)
        if expected is None or not is_part:
            return made
        before = _answer(remote, {**request, "VersionStage": "AWSPREVIOUS"})
        if isinstance(before, ServiceError) or before["VersionId"] == expected:
            return made
        if before["VersionId"] == made["VersionId"]:  # by now, others put theirs upon ours
            answer, expected = _present(remote, request)
        else:
            answer, expected = before, made["VersionId"]
    raise EndpointError(
        "others changed the secret all the time; the value was set, and may not be current",
        "the same command tries again",
    )


def _present(remote: Remote, request: Parameters) -> tuple[Result | ServiceError, object]:
    """Return the answer now, and the id of its version; None where there is none."""
    answer = _answer(remote, request)
    return answer, None if isinstance(answer, ServiceError) else answer.get("VersionId")


def _answer(remote: Remote, request: Parameters) -> Result | ServiceError:
    try:
        return call(remote, _READ, request)
    except ServiceError as error:
        return error
