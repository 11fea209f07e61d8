"""Many secrets at once: found out what is there, then made and changed in as few commits as can be.

* All are tried before any is kept: what one of them is refused for keeps all from being written.
* A secret that is there already is read, which is recorded, and left alone if its value is the
  same: a second import changes nothing. Who imports needs the permission to read what is there.
* What is written goes in groups, each one commit: all of it up to some thousands of secrets.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from secretctl.audit.line import LARGEST_BYTES
from secretctl.context import uuid4
from secretctl.domain.names import check_name
from secretctl.errors import ServiceError
from secretctl.model.operations import BY_NAME
from secretctl.model.shapes import Parameters
from secretctl.model.types import NAME, SECRET_STRING
from secretctl.record import NamedTuple
from secretctl.service.dispatch import change_all, read_all
from secretctl.service.one_commit import EXISTS, Answers
from secretctl.service.session import Session

CREATE, CHANGE, SAME, KEPT, CONFLICT, REFUSED = (
    *("create", "change", "unchanged", "skip", "conflict", "refused"),
)
"""What becomes of a wish."""

POLICIES = ("error", "skip", "overwrite")
"""What to do where a secret is there with another value."""

_NONE_CURRENT = "ResourceNotFoundException"
_READ_TOGETHER = 500
_TRIES = 5
"""For those that others overtake: what is there is found out anew."""

_GROUP_BYTES = 40 * 1024 * 1024
_RECORDS_BYTES = 2800
"""Of the two records of a change of the owner's, without who it is and what `_weight` counts."""

_NAMES_IN_RECORDS = 10


class Wish(NamedTuple):
    """A secret that there is to be."""

    name: str
    value: str | bytes


class Finding(NamedTuple):
    """What becomes of a wish."""

    name: str
    what: str
    error: ServiceError | None = None
    """Where it is refused."""

    is_written: bool = False
    """It was made or changed, even if others were refused after that."""


def problem(wish: Wish) -> str:
    """Return why no secret can be so, whatever the vault holds; empty if it can."""
    try:
        check_name(wish.name)
    except ServiceError:
        return "a name has letters, digits and -/_+=.@! alone"
    if len(wish.name) > (NAME.max or 0):
        return f"a name has {NAME.max} characters at most"
    if not wish.value:
        return "the value is empty"
    if isinstance(wish.value, str) and "\0" in wish.value:
        return "the value holds a NUL character"
    try:
        size = len(wish.value.encode() if isinstance(wish.value, str) else wish.value)
    except UnicodeEncodeError:
        return "the value holds half a surrogate pair and is no text"
    most = SECRET_STRING.max or 0
    return "" if size <= most else f"the value is larger than {most} bytes"


def bring_in(
    session: Session, wishes: Sequence[Wish], besides: Parameters, policy: str, *, is_trial: bool
) -> list[Finding]:
    """Make the secrets that are wished for.

    Args:
        session: Of the caller.
        wishes: No two of one name.
        besides: Members of CreateSecret for those that are new.
        policy: One of `POLICIES`.
        is_trial: Find out, and change nothing.

    Returns:
        What became of each. If there is a conflict or a refusal among them, nothing was changed but
        what is marked as written: of several commits, those before the one that was refused.
    """
    rest, known = list(wishes), dict[str, Finding]()
    for _ in range(_TRIES):
        found = _brought(session, rest, besides, policy, is_trial=is_trial)
        known |= {each.name: each for each in found}
        if not any(map(_is_overtaken, found)):
            break
        rest = [wish for wish in rest if not known[wish.name].is_written]
    return [known[wish.name] for wish in wishes]


def _is_overtaken(finding: Finding) -> bool:
    """Whether somebody made the secret after it was found out that there is none."""
    return finding.error is not None and finding.error.code == EXISTS


def _brought(
    session: Session, wishes: Sequence[Wish], besides: Parameters, policy: str, *, is_trial: bool
) -> list[Finding]:
    """Find out what is there, then write; see `bring_in`."""
    making = [_creation(session, wish, besides) for wish in wishes]
    groups = list(_groups(session, making))
    is_final = len(groups) == 1 and not is_trial
    answers = [answer for group in groups for answer in _answers(session, group, commits=is_final)]
    found = [_first(wish, answer) for wish, answer in zip(wishes, answers, strict=True)]
    if all(each.what == CREATE for each in found) and len(groups) == 1:
        return [each._replace(is_written=is_final) for each in found]
    found = _compared(session, wishes, found, policy)
    is_refused = any(each.what in (CONFLICT, REFUSED) for each in found)
    changes = [
        making[at] if each.what == CREATE else _new_value(session, wishes[at])
        for at, each in enumerate(found)
        if each.what in (CREATE, CHANGE)
    ]
    if is_refused or not changes:
        return found
    refusals, written = _written(session, changes, is_trial=is_trial)
    return [
        each._replace(what=REFUSED, error=refusals[each.name])
        if each.name in refusals
        else each._replace(is_written=each.name in written)
        for each in found
    ]


def _written(
    session: Session, changes: list[Parameters], *, is_trial: bool
) -> tuple[dict[str, ServiceError], set[str]]:
    """Make the changes; return why some are refused, by name, and the names of those made.

    Where they take more than one commit, new values, which nobody has tried yet, are tried first.
    """
    groups = list(_groups(session, changes))
    has_values = any("SecretId" in each for each in changes)
    if is_trial or (len(groups) > 1 and has_values):
        refusals: dict[str, ServiceError] = {}
        for group in groups:
            refusals |= _refusals(session, group, commits=False)
        if refusals or is_trial:
            return refusals, set()
    written: set[str] = set()
    for group in groups:
        if refusals := _refusals(session, group, commits=True):
            return refusals, written
        written.update(map(_name, group))
    return {}, written


def _refusals(
    session: Session, group: Sequence[Parameters], *, commits: bool
) -> dict[str, ServiceError]:
    both = zip(group, _answers(session, group, commits=commits), strict=True)
    return {_name(each): answer for each, answer in both if isinstance(answer, ServiceError)}


def _answers(session: Session, group: Sequence[Parameters], *, commits: bool) -> Answers:
    create, put = BY_NAME["CreateSecret"], BY_NAME["PutSecretValue"]
    operations = [create if "Name" in each else put for each in group]
    return change_all(session, operations, group, commits=commits)


def _first(wish: Wish, answer: object) -> Finding:
    """Return what is known of a wish once a secret of that name was tried."""
    if not isinstance(answer, ServiceError):
        return Finding(wish.name, CREATE)
    return Finding(wish.name, SAME if answer.code == EXISTS else REFUSED, answer)


def _compared(
    session: Session, wishes: Sequence[Wish], found: list[Finding], policy: str
) -> list[Finding]:
    """Return *found*, with what becomes of the secrets that are there."""
    differs = {"error": CONFLICT, "skip": KEPT, "overwrite": CHANGE}[policy]
    there = [wish for wish, each in zip(wishes, found, strict=True) if each.what == SAME]
    known: dict[str, Finding] = {}
    for first in range(0, len(there), _READ_TOGETHER):
        part = there[first : first + _READ_TOGETHER]
        answers = read_all(session, [{"SecretId": wish.name} for wish in part], via="import")
        for wish, answer in zip(part, answers, strict=True):
            known[wish.name] = _verdict(wish, answer, differs)
        session.progress(first, len(there))
    return [known.get(each.name, each) for each in found]


def _verdict(wish: Wish, answer: Parameters | ServiceError, differs: str) -> Finding:
    if isinstance(answer, ServiceError):
        if answer.code == _NONE_CURRENT:  # a secret, but no value yet
            return Finding(wish.name, differs)
        return Finding(wish.name, REFUSED, answer)
    member = "SecretString" if isinstance(wish.value, str) else "SecretBinary"
    return Finding(wish.name, SAME if answer.get(member) == wish.value else differs)


def _value(wish: Wish) -> Parameters:
    member = "SecretString" if isinstance(wish.value, str) else "SecretBinary"
    return {member: wish.value}


def _creation(session: Session, wish: Wish, besides: Parameters) -> Parameters:
    return {"Name": wish.name, **_token(session), **_value(wish), **besides}


def _new_value(session: Session, wish: Wish) -> Parameters:
    return {"SecretId": wish.name, **_token(session), **_value(wish)}


def _token(session: Session) -> Parameters:
    return {"ClientRequestToken": uuid4(session.context.random(16))}


def _name(parameters: Parameters) -> str:
    return str(parameters.get("Name") or parameters["SecretId"])


def _groups(session: Session, making: Sequence[Parameters]) -> Iterator[list[Parameters]]:
    """Yield *making* in parts whose records a journal's segment can hold (see `recovery`)."""
    fixed = _records_bytes(session)
    group: list[Parameters] = []
    size = 0
    for each in making:
        weight = fixed + _weight(each)
        if group and size + weight > _GROUP_BYTES:
            yield group
            group, size = [], 0
        group.append(each)
        size += weight
    yield group


def _weight(parameters: Parameters) -> int:
    """Return how many bytes of the two records are name, key and tags, at most."""
    besides = [len(str(parameters[each])) for each in ("Tags", "KmsKeyId") if each in parameters]
    return _NAMES_IN_RECORDS * len(_name(parameters)) + 2 * sum(besides)


def _records_bytes(session: Session) -> int:
    """Return how large the two records of a change are at most, without its name and tags.

    What policies decided of a principal's request, and why, can fill a record.
    """
    if session.caller.holder is not None:
        return 2 * LARGEST_BYTES
    return _RECORDS_BYTES + 2 * sum(map(len, session.recorder.origin.fixed()))
