"""What the journal can be asked, as data: spelled and read like the operations of the API.

``LookupEvents`` is AWS CloudTrail's, of its API version 2013-11-01, with members of ours behind
AWS's; a test compares them with the published service model. The others are ours alone.
See: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
"""

from __future__ import annotations

from secretctl.model import types as t
from secretctl.model.shapes import Member, Operation, Pages, Shape, kebab

ATTRIBUTE_KEYS = (
    *("EventId", "EventName", "ReadOnly", "Username", "ResourceType", "ResourceName"),
    *("EventSource", "AccessKeyId"),
)
MOST_EVENTS = 50
"""Events in one page."""

_ATTRIBUTE = Shape(
    "structure",
    members=(
        Member(
            "AttributeKey", Shape("string", enum=ATTRIBUTE_KEYS), "What to look at.", required=True
        ),
        Member(
            "AttributeValue", Shape("string", min=1, max=2000), "What it has to be.", required=True
        ),
    ),
)
_RESOURCE = Shape(
    "structure",
    members=(
        Member("ResourceType", t.TEXT, "Its type."),
        Member("ResourceName", t.TEXT, "Its ARN."),
    ),
)
_EVENT = Shape(
    "structure",
    members=(
        Member("EventId", t.TEXT, "Id of the event."),
        Member("EventName", t.TEXT, "What was done."),
        Member("ReadOnly", t.TEXT, "true or false, as text."),
        Member("AccessKeyId", t.TEXT, "Access key of the caller, if there was one."),
        Member("EventTime", t.TIMESTAMP, "When it was."),
        Member("EventSource", t.TEXT, "secretsmanager.amazonaws.com, or secretctl."),
        Member("Username", t.TEXT, "Who it was."),
        Member("Resources", Shape("list", item=_RESOURCE), "The secrets it was about."),
        Member("CloudTrailEvent", t.TEXT, "The record, as it stands in the journal."),
    ),
)

# Members that several questions are given.
_SECRET_ID = Member(
    "SecretId", t.SECRET_ID, "Name, ARN or partial ARN of a secret, or the hash of one."
)._replace(completer="secret")
_PRINCIPAL = Member(
    "Principal",
    Shape("string", min=1, max=2048),
    "A caller: name of a user or role, ARN, principal id or access key id.",
)
_SINCE = Member(
    "Since", Shape("string", min=1, max=64), "Only what came after: 45s, 30m, 2h, 3d, 1w or a time."
)

LOOKUP_EVENTS = Operation(
    "LookupEvents",
    "Look events up in the journal, the newest first.",
    "secretctl.audit.lookup:lookup_events",
    input=(
        Member(
            "LookupAttributes",
            Shape("list", item=_ATTRIBUTE),
            "Attributes that all must fit; AWS takes one.",
        ),
        Member("StartTime", t.TIMESTAMP, "Leave out what came before."),
        Member("EndTime", t.TIMESTAMP, "Leave out what came after."),
        Member(
            "EventCategory",
            Shape("string", enum=("insight",)),
            "Only events of that category, of which there are none here.",
        ),
        Member("MaxResults", Shape("integer", min=1, max=MOST_EVENTS), "Most events in one page."),
        Member("NextToken", t.TEXT, "Where to go on, from the page before."),
        Member("EventName", t.TEXT, "Only events of that name."),
        _SECRET_ID,
        _PRINCIPAL,
        Member("ErrorsOnly", t.BOOLEAN, "Only what was refused or failed."),
        _SINCE,
    ),
    output=(
        Member("Events", Shape("list", item=_EVENT), "The events."),
        Member("NextToken", t.TEXT, "Where to go on, if there is more."),
    ),
    errors=(
        *("InvalidLookupAttributesException", "InvalidNextTokenException"),
        *("InvalidTimeRangeException", "ValidationException"),
    ),
    pages=Pages("Events"),
    read_only=True,
    example="secretctl audit lookup-events --secret-id prod/db --since 2h",
)

_EXPOSED = Shape(
    "structure",
    members=(
        Member("SecretARN", t.TEXT, "The secret."),
        Member("Name", t.TEXT, "Its name, or the hash of it."),
        Member("VersionId", t.TEXT, "The version that was read."),
        Member("IsCurrent", t.BOOLEAN, "Whether that is the secret's value now."),
        Member("IsDeleted", t.BOOLEAN, "Whether the secret is gone; the value may be in use."),
        Member("LastChangedDate", t.TIMESTAMP, "When the value last changed, if that is known."),
        Member("Principal", t.TEXT, "ARN of the caller who read it."),
        Member("Username", t.TEXT, "Who that is."),
        Member("Times", Shape("long"), "How often."),
        Member("LastReadDate", t.TIMESTAMP, "When last."),
        Member("Via", Shape("list", item=t.TEXT), "By what, and on which machines."),
    ),
)
EXPOSURE = Operation(
    "Exposure",
    "List what has been read by whom since each value last changed: what to rotate after a leak.",
    "secretctl.audit.exposure:exposure",
    input=(_PRINCIPAL, _SECRET_ID, _SINCE),
    output=(Member("Exposures", Shape("list", item=_EXPOSED), "Values that were read."),),
    errors=("ValidationException",),
    read_only=True,
    example="secretctl audit exposure --principal alice",
)

_COUNTS = (
    Member("Reads", Shape("long"), "Values that were read."),
    Member("Changes", Shape("long"), "Changes that were made."),
    Member("Errors", Shape("long"), "What was refused or failed."),
)
_DAY = Shape("structure", members=(Member("Day", t.TEXT, "The day, YYYY-MM-DD."), *_COUNTS))
_SECRET_COUNTS = Shape(
    "structure",
    members=(
        Member("Name", t.TEXT, "Name of the secret, or a hash of it."),
        Member("SecretARN", t.TEXT, "Its ARN, if the secret was found."),
        *_COUNTS,
        Member("LastEventDate", t.TIMESTAMP, "When the last of them was."),
    ),
)
STATS = Operation(
    "Stats",
    "Count reads, changes and errors by day and by secret.",
    "secretctl.audit.stats:stats",
    input=(
        _SINCE._replace(doc="Only what came after: 45s, 30m, 2h, 3d, 1w or a time; 30d."),
        _SECRET_ID,
        _PRINCIPAL,
        Member(
            "Html",
            Shape("string", min=1, max=4096),
            "Write a page into that file, 0600, instead; - is standard output.",
        ),
    ),
    output=(
        Member("Days", Shape("list", item=_DAY), "Days of the local time zone, up to today."),
        Member("Secrets", Shape("list", item=_SECRET_COUNTS), "Secrets, the busiest first."),
    ),
    errors=("ValidationException",),
    read_only=True,
    example="secretctl audit stats --since 1w",
)

QUESTIONS = {kebab(each.name): each for each in (LOOKUP_EVENTS, EXPOSURE, STATS)}
"""By their name on the command line, behind ``audit``."""
