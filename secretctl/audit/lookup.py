"""LookupEvents: a page of the journal, the newest record first."""

from __future__ import annotations

from binascii import Error, a2b_base64, b2a_base64

from secretctl import json_text
from secretctl.audit import attributes, query
from secretctl.audit.query import EVERYWHERE, Condition, Hashed, Query, Record, Scope
from secretctl.audit.reader import Place, Reader
from secretctl.crypto.hashing import sha256
from secretctl.errors import ServiceError
from secretctl.model.journal import LOOKUP_EVENTS, MOST_EVENTS
from secretctl.model.shapes import Parameters, Result
from secretctl.model.timestamps import HINT, milliseconds, moment, since
from secretctl.model.validate import check_service

_REQUEST_DIGITS = 16
_TOKEN_PARTS = 3


def lookup_events(
    reader: Reader, parameters: Parameters, now_ms: int, scope: Scope = EVERYWHERE
) -> Result:
    """Return a page of events.

    Args:
        reader: Of the journal; counts the lines that cannot be read.
        parameters: Wire parameters.
        now_ms: What ``Since`` counts from, the same for all pages.
        scope: Keys to hidden names, and whether one region alone is asked about.

    Raises:
        ServiceError: A parameter has no meaning.
        JournalDamagedError, JournalUnavailableError, UnsafePermissionsError: See `Reader`.

    See: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
    """
    check_service(LOOKUP_EVENTS, parameters)
    wanted = asked(parameters, now_ms, scope)
    before = _place(parameters, scope)
    if parameters.get("EventCategory") == "insight":
        return {"Events": []}
    limit = parameters.get("MaxResults")
    most = limit if isinstance(limit, int) else MOST_EVENTS
    page: list[Record] = []
    for record in query.select(reader, reader.backward(before), wanted):
        if len(page) == most:
            return {"Events": [*map(event, page)], "NextToken": _token(page[-1], parameters, scope)}
        page.append(record)
    return {"Events": [event(record) for record in page]}


def event(record: Record) -> Result:
    """Return a record in the shape of the API."""
    fields = record.fields
    said: Result = {
        "EventId": attributes.text(fields, "eventID"),
        "EventName": attributes.text(fields, "eventName"),
        "ReadOnly": "true" if fields.get("readOnly") is True else "false",
    }
    if key_id := attributes.text(fields, "userIdentity", "accessKeyId"):
        said["AccessKeyId"] = key_id
    return said | {
        "EventTime": moment(attributes.time_ms(fields) // 1000 * 1000),
        "EventSource": attributes.text(fields, "eventSource"),
        "Username": attributes.username(fields),
        "Resources": [
            {"ResourceType": kind, "ResourceName": arn}
            for kind, arn in attributes.resources(fields)
        ],
        "CloudTrailEvent": record.raw.line.decode().removesuffix("\n"),
    }


def asked(parameters: Parameters, now_ms: int, scope: Scope = EVERYWHERE) -> Query:
    """Return what a question asks for; the members are those of all questions.

    Raises:
        ServiceError: InvalidTimeRangeException, ValidationException.
    """
    start = _time(parameters, "StartTime")
    end = _time(parameters, "EndTime")
    if isinstance(span := parameters.get("Since"), str):
        begun = _since(span, now_ms)
        start = begun if start is None else max(start, begun)
    if start is not None and end is not None and start > end:
        raise ServiceError(
            "InvalidTimeRangeException", "The start time is later than the end time."
        )
    found = _conditions(parameters, scope.hashed)
    return Query((*found, *query.in_region(scope.region)), start, end)


def _conditions(parameters: Parameters, hashed: Hashed | None) -> list[Condition]:
    listed = parameters.get("LookupAttributes")
    pairs = listed if isinstance(listed, list) else []
    found = [_attribute(each["AttributeKey"], each["AttributeValue"], hashed) for each in pairs]
    if isinstance(name := parameters.get("EventName"), str):
        found.append(query.member("eventName", name))
    if isinstance(secret_id := parameters.get("SecretId"), str):
        found.append(query.secret(secret_id, hashed))
    if isinstance(principal := parameters.get("Principal"), str):
        found.append(query.principal(principal))
    if parameters.get("ErrorsOnly"):
        found.append(query.errors())
    return found


def _attribute(key: str, value: str, hashed: Hashed | None) -> Condition:
    if key == "EventId":
        return query.member("eventID", value)
    if key in ("EventName", "EventSource"):
        return query.member("event" + key.removeprefix("Event"), value)
    if key == "ReadOnly":
        if value not in ("true", "false"):
            raise ServiceError("InvalidLookupAttributesException", "ReadOnly is true or false.")
        return query.read_only(wanted=value == "true")
    if key == "ResourceName":
        return query.secret(value, hashed)
    by_value = {
        "Username": query.username,
        "ResourceType": query.resource_type,
        "AccessKeyId": query.access_key,
    }
    return by_value[key](value)


def _time(parameters: Parameters, name: str) -> int | None:
    given = parameters.get(name)
    try:
        return None if given is None else milliseconds(given)
    except (ValueError, TypeError):
        raise ServiceError("InvalidTimeRangeException", f"{name} is no time.", HINT) from None


def _since(span: str, now_ms: int) -> int:
    try:
        return since(span, now_ms)
    except (ValueError, TypeError):
        raise ServiceError(
            "ValidationException",
            "Since is no span of time (45s, 30m, 2h, 3d, 1w) and no time.",
            HINT,
        ) from None


def _token(last: Record, parameters: Parameters, scope: Scope) -> str:
    """Return where to go on: not secret, but of use for the same request alone."""
    place = last.raw.place
    text = f"{place.segment}.{place.offset}.{_digest(parameters, scope)}"
    return b2a_base64(text.encode(), newline=False).decode()


def _place(parameters: Parameters, scope: Scope) -> Place | None:
    given = parameters.get("NextToken")
    if given is None:
        return None
    try:
        parts = a2b_base64(str(given), strict_mode=True).decode().split(".")
        if len(parts) != _TOKEN_PARTS or parts[2] != _digest(parameters, scope):
            raise ValueError
        return Place(int(parts[0]), int(parts[1]))
    except (Error, ValueError):
        raise ServiceError("InvalidNextTokenException", "Invalid token.") from None


def _digest(parameters: Parameters, scope: Scope) -> str:
    kept: dict[str, object] = {
        name: str(value) if name in ("StartTime", "EndTime") else value
        for name, value in parameters.items()
        if name not in ("NextToken", "MaxResults") and value is not None
    }
    if scope.region:
        kept["region"] = scope.region
    spelled = json_text.compact(kept, by_name=True).encode("utf-8", "replace")
    return sha256(spelled).hexdigest()[:_REQUEST_DIGITS]
