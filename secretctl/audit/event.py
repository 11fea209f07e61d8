"""The members of a record: those of a CloudTrail event, and our own beneath additionalEventData.

See: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from __future__ import annotations

import time

from secretctl.record import NamedTuple

VERSION = "1.11"
SERVICE = "secretsmanager.amazonaws.com"
OWN = "secretctl"
"""The eventSource of what AWS has no event for."""

LOOPBACK = "127.0.0.1"
_RESOURCE_TYPE = "AWS::SecretsManager::Secret"

Fields = dict[str, object]


class Caller(NamedTuple):
    """Who acts, and from where; the same for all events of a process."""

    identity: object
    """CloudTrail's userIdentity."""

    account: str
    user_agent: str
    surroundings: Fields
    source_ip: str = LOOPBACK


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


def fields(event: Event, caller: Caller, request_id: str, event_id: str, now_ms: int) -> Fields:
    """Return the members of a record, in CloudTrail's order."""
    said: Fields = {
        "eventVersion": VERSION,
        "userIdentity": caller.identity,
        "eventTime": timestamp(now_ms),
        "eventSource": event.source,
        "eventName": event.name,
        "awsRegion": event.region,
        "sourceIPAddress": caller.source_ip,
        "userAgent": caller.user_agent,
    }
    if event.error_code:
        said["errorCode"] = event.error_code
        said["errorMessage"] = event.error_message
    said |= {
        "requestParameters": event.request,
        "responseElements": event.response,
        "additionalEventData": {
            **(event.additional or {}),
            "timeMs": now_ms,
            **caller.surroundings,
        },
        "requestID": request_id,
        "eventID": event_id,
        "readOnly": event.read_only,
    }
    if event.arns:
        said["resources"] = [
            {"accountId": caller.account, "type": _RESOURCE_TYPE, "ARN": arn} for arn in event.arns
        ]
    return said | {
        "eventType": event.kind,
        "managementEvent": True,
        "recipientAccountId": caller.account,
        "eventCategory": "Management",
    }


def timestamp(now_ms: int) -> str:
    """Return a time as CloudTrail writes it: UTC, whole seconds."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now_ms // 1000))
