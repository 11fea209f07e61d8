"""The members of a record: those of a CloudTrail event, and our own beneath additionalEventData.

See: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from secretctl.json_text import compact, quoted
from secretctl.model.shapes import Fields
from secretctl.record import NamedTuple

VERSION = "1.11"
SERVICE = "secretsmanager.amazonaws.com"
OWN = "secretctl"
"""The eventSource of what AWS has no event for."""

UNDELIVERED = "The answer was not delivered, or not all of it."
"""The errorMessage of a value that was read and not handed over, whatever the error was."""

ROTATION = "rotation"
"""The operation of a read by a function that comes with the program and keeps what it reads."""

LOOPBACK = "127.0.0.1"
_SECRET = "AWS::SecretsManager::Secret"  # noqa: S105 the name of a type
_TYPES = {
    "user": "AWS::IAM::User",
    "group": "AWS::IAM::Group",
    "role": "AWS::IAM::Role",
    "policy": "AWS::IAM::ManagedPolicy",
    "key": "AWS::KMS::Key",
    "alias": "AWS::KMS::Alias",
}
"""Types of the other resources, by how the last segment of their ARNs begins."""


class Origin(NamedTuple):
    """Where a request came from that reached this process over a connection."""

    source_ip: str
    user_agent: str
    """As it was sent: anybody's text."""

    request_id: str = ""
    """What the answer calls it; empty for a new one."""


class Caller(NamedTuple):
    """Who acts, and from where; the same for all events of a process, or of one request."""

    identity: Fields
    """CloudTrail's userIdentity."""

    account: str
    """Twelve digits; empty while the vault that knows it is locked."""

    user_agent: str
    surroundings: Fields
    source_ip: str = LOOPBACK

    def fixed(self) -> tuple[str, str, str]:
        """Return what every event of this caller says, as JSON: who, from where, and where."""
        around = "".join(
            f",{quoted(name)}:{compact(said)}" for name, said in self.surroundings.items()
        )
        return compact(self.identity), self.origin(), around

    def origin(self) -> str:
        """Return from where, as JSON."""
        return f'"sourceIPAddress":{quoted(self.source_ip)},"userAgent":{quoted(self.user_agent)}'


class Event(NamedTuple):
    """What happened."""

    name: str
    source: str
    region: str
    read_only: bool
    request: Fields | None = None
    response: Fields | None = None
    arns: tuple[str, ...] = ()
    error_code: str = ""
    error_message: str = ""
    additional: Fields | None = None
    kind: str = "AwsApiCall"
    phase: str = ""
    """``intent`` or ``outcome`` of a change; empty for all else."""

    generation: int | None = None
    """The vault's, once this is committed."""

    request_id: str = ""
    """Of an earlier request that this tells of; empty for the present one."""

    more: bool = False
    """Whether this is of a change committed with others, and not the last of them."""


def written(
    event: Event, account: str, fixed: tuple[str, str, str], stamp: tuple[str, str, int, str]
) -> str:
    """Return the members of a record as JSON, in CloudTrail's order.

    Args:
        event: What happened.
        account: Of the caller.
        fixed: As `Caller.fixed` gives it.
        stamp: Id of the request, id of the event, milliseconds since 1970, their `timestamp`.

    NOTE: put together by hand: ``exec`` writes one for each of many secrets before it starts.
    """
    identity, origin, around = fixed
    request_id, event_id, now_ms, when = stamp
    error = ""
    if event.error_code:
        error = (
            f'"errorCode":{quoted(event.error_code)},"errorMessage":{quoted(event.error_message)},'
        )
    additional = {**(event.additional or {}), "timeMs": now_ms}
    if event.phase:
        additional["phase"] = event.phase
    if event.more:
        additional["more"] = True
    if event.generation is not None:
        additional["storeGeneration"] = event.generation
    resources = ",".join(
        f'{{"accountId":"{account}","type":"{_type_of(arn)}","ARN":{quoted(arn)}}}'
        for arn in event.arns
    )
    return (
        f'"eventVersion":"{VERSION}","userIdentity":{identity},'
        f'"eventTime":"{when}","eventSource":"{event.source}",'
        f'"eventName":{quoted(event.name)},"awsRegion":{quoted(event.region)},{origin},{error}'
        f'"requestParameters":{compact(event.request)},'
        f'"responseElements":{compact(event.response)},'
        f'"additionalEventData":{compact(additional)[:-1]}{around}}},'
        f'"requestID":{quoted(event.request_id or request_id)},"eventID":"{event_id}",'
        f'"readOnly":{"true" if event.read_only else "false"},'
        + (f'"resources":[{resources}],' if resources else "")
        + f'"eventType":{quoted(event.kind)},"managementEvent":true,'
        + (f'"recipientAccountId":"{account}",' if account else "")
        + '"eventCategory":"Management"'
    )


def _type_of(arn: str) -> str:
    if ":secretsmanager:" in arn:
        return _SECRET
    return _TYPES.get(arn.rpartition(":")[2].partition("/")[0], _SECRET)


def timestamp(now_ms: int) -> str:
    """Return a time as CloudTrail writes it: UTC, whole seconds."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now_ms // 1000))


def intents(said: Sequence[Event], generation: int) -> list[Event]:
    """Return what is recorded of a change, or of several in one commit, before that is made.

    It gives the vault *generation*. All but the last say that more follows.
    """
    return _phase([each._replace(response=None) for each in said], "intent", generation)


def outcomes(said: Sequence[Event], generation: int | None) -> list[Event]:
    """Return what is recorded behind it; there is no *generation* where it failed."""
    return _phase(said, "outcome", generation)


def _phase(said: Sequence[Event], phase: str, generation: int | None) -> list[Event]:
    last = len(said) - 1
    return [
        each._replace(phase=phase, generation=generation, more=number < last)
        for number, each in enumerate(said)
    ]
