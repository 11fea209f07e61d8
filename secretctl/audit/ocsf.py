"""Records as events of the Open Cybersecurity Schema Framework, version 1.3.

Unlocking is Authentication (3002), everything else API Activity (6003). Required attributes are
always there, whatever a record holds.
See: https://schema.ocsf.io/1.3.0/classes/api_activity and .../authentication
"""

from __future__ import annotations

from secretctl import __version__
from secretctl.audit import attributes
from secretctl.model.shapes import Fields

VERSION = "1.3.0"
_API_ACTIVITY, _AUTHENTICATION = 6003, 3002
_CATEGORIES = {_API_ACTIVITY: 6, _AUTHENTICATION: 3}
_LOGON = 1
_CREATE, _READ, _UPDATE, _DELETE = 1, 2, 3, 4
_SUCCESS, _FAILURE = 1, 2
_INFORMATIONAL, _LOW, _MEDIUM = 1, 2, 3
_OTHER = 99
_UNLOCK = "UnlockVault"
_DELETING = ("Delete", "Remove", "EndSecretVersionDelete", "Prune")
_CREATING = ("Create", "Add")


def event(fields: Fields) -> dict[str, object]:
    """Return a record as an OCSF event."""
    is_unlock = attributes.text(fields, "eventName") == _UNLOCK
    kind = _AUTHENTICATION if is_unlock else _API_ACTIVITY
    activity = _LOGON if is_unlock else _activity(fields)
    is_error = bool(fields.get("errorCode"))
    said: dict[str, object] = {
        "activity_id": activity,
        "category_uid": _CATEGORIES[kind],
        "class_uid": kind,
        "type_uid": kind * 100 + activity,
        "time": attributes.time_ms(fields),
        "severity_id": (_MEDIUM if is_unlock else _LOW) if is_error else _INFORMATIONAL,
        "status_id": _FAILURE if is_error else _SUCCESS,
        "metadata": _metadata(fields),
        "actor": {"user": _user(fields), "process": _process(fields)},
        "src_endpoint": _endpoint(fields),
        "cloud": _without_empty(
            provider="secretctl",
            region=attributes.text(fields, "awsRegion"),
            account=_without_empty(uid=attributes.text(fields, "recipientAccountId")),
        ),
    }
    if is_error:
        said["status_code"] = attributes.text(fields, "errorCode")
        said["status_detail"] = attributes.text(fields, "errorMessage")
    return said | (_authentication(fields) if is_unlock else _api(fields))


def _activity(fields: Fields) -> int:
    name = attributes.text(fields, "eventName")
    if name.startswith(_DELETING):
        return _DELETE
    if name.startswith(_CREATING):
        return _CREATE
    return _READ if fields.get("readOnly") is True else _UPDATE


def _metadata(fields: Fields) -> dict[str, object]:
    return _without_empty(
        version=VERSION,
        product={"name": "secretctl", "vendor_name": "secretctl", "version": __version__},
        profiles=["cloud"],
        uid=attributes.text(fields, "eventID"),
        correlation_uid=attributes.text(fields, "requestID"),
        event_code=attributes.text(fields, "eventName"),
        original_time=attributes.text(fields, "eventTime"),
        sequence=_whole(fields.get("index")),
    )


def _user(fields: Fields) -> dict[str, object]:
    identity = fields.get("userIdentity")
    principal = attributes.text(identity, "principalId")
    return _without_empty(
        name=attributes.username(fields) or "unknown",
        uid=attributes.text(identity, "arn") or principal,
        uid_alt=principal,
        type=attributes.text(identity, "type"),
        type_id=_OTHER,
        credential_uid=attributes.text(identity, "accessKeyId"),
    )


def _process(fields: Fields) -> dict[str, object]:
    additional = fields.get("additionalEventData")
    process = additional.get("process") if isinstance(additional, dict) else None
    ids = process if isinstance(process, dict) else {}
    parent = _without_empty(name=attributes.text(process, "parent"), pid=_whole(ids.get("ppid")))
    return _without_empty(
        name="secretctl",
        pid=_whole(ids.get("pid")),
        cmd_line=attributes.command(fields),
        parent_process=parent if "pid" in parent else None,
    )


def _whole(value: object) -> int | None:
    return value if type(value) is int else None


def _endpoint(fields: Fields) -> dict[str, object]:
    return _without_empty(
        ip=attributes.text(fields, "sourceIPAddress") or "127.0.0.1",
        hostname=attributes.text(fields, "additionalEventData", "host"),
    )


def _authentication(fields: Fields) -> dict[str, object]:
    method = attributes.text(fields, "requestParameters", "method") or "unknown"
    return {
        "user": _user(fields),
        "service": {"name": "secretctl"},
        "auth_protocol_id": _OTHER,
        "auth_protocol": method,
        "is_remote": False,
    }


def _api(fields: Fields) -> dict[str, object]:
    said: dict[str, object] = {
        "api": _without_empty(
            operation=attributes.text(fields, "eventName") or "unknown",
            service={"name": attributes.text(fields, "eventSource") or "secretctl"},
            request=_without_empty(uid=attributes.text(fields, "requestID")),
            response=_without_empty(error=attributes.text(fields, "errorCode")),
        )
    }
    resources = [
        _without_empty(uid=arn, name=attributes.name_in(arn), type=kind)
        for kind, arn in attributes.resources(fields)
    ]
    return said | ({"resources": resources} if resources else {})


def _without_empty(**members: object) -> dict[str, object]:
    return {name: value for name, value in members.items() if value not in (None, "", {}, [])}
