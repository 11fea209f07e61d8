"""Exposure: who has read the value that each secret has now, as the list to rotate after a leak.

The journal is gone through once, forward. A read counts

* if it was of the version that is current now, however long ago (a rollback makes an old value
  current again, and whoever read it then knows it now);
* or if it came after the secret's value last changed, whichever version it was of.

Where the journal does not tell what changed (it was pruned, or the outcome of a change was found
after a crash), reads are listed rather than left out.
"""

from __future__ import annotations

from secretctl.audit import attributes, lookup, query
from secretctl.audit.events import Fields, Reader
from secretctl.audit.query import Condition, Hashed, Query
from secretctl.model.journal import EXPOSURE
from secretctl.model.timestamps import moment
from secretctl.model.validate import check_service

Parameters = dict[str, object]
Result = dict[str, object]
_CURRENT = "AWSCURRENT"
_READ, _EXEC = "GetSecretValue", "Exec"
_REPLICATING = ("CreateSecret", "ReplicateSecretToRegions")
_FOLLOWED = (
    *("CreateSecret", "PutSecretValue", "UpdateSecret", "UpdateSecretVersionStage", "DeleteSecret"),
    *("EndSecretVersionDelete", "ReplicateSecretToRegions", "StopReplicationToReplica"),
    *(_READ, _EXEC),
)
_ARN_REGION = 3


class _Secret:
    """What is known of a secret's value."""

    def __init__(self) -> None:
        self.current = ""
        self.changed_ms = 0
        self.changed_at = -1
        """The number of the record that tells of its last change; -1 where none does."""

        self.is_deleted = False


class _Reads:
    """Reads of one version by one caller."""

    def __init__(self, username: str) -> None:
        self.username = username
        self.times = 0
        self.last_ms = 0
        self.last_at = -1
        self.via: set[str] = set()


class _Waiting:
    """Reads for ``exec`` whose command is not told yet: it comes in a record of its own."""

    def __init__(self, request_id: str) -> None:
        self.request_id = request_id
        self.reads: list[_Reads] = []


_Key = tuple[str, str, str]
"""ARN, version id, the caller's ARN."""


def exposure(
    reader: Reader, parameters: Parameters, now_ms: int, hashed: Hashed | None = None
) -> Result:
    """Return what has been read by whom since each value last changed.

    Args:
        reader: Of the journal.
        parameters: Wire parameters: which caller, which secret, since when; all if left out.
        now_ms: What ``Since`` counts from.
        hashed: See `query.secret`.

    Raises:
        ServiceError: A parameter has no meaning.
        JournalDamagedError, JournalUnavailableError, UnsafePermissionsError: See `Reader`.
    """
    check_service(EXPOSURE, parameters)
    asked = lookup.asked(parameters, now_ms, hashed)
    ledger = _Ledger(asked)
    hints = tuple(f'"eventName":"{name}"'.encode() for name in _FOLLOWED)
    followed = Condition(hints, lambda fields: fields.get("eventName") in _FOLLOWED)
    for number, record in enumerate(query.select(reader, reader.forward(), Query((followed,)))):
        ledger.take(record.fields, number)
    return {"Exposures": ledger.entries()}


class _Ledger:
    """Who has read what, as far as the journal was read."""

    def __init__(self, asked: Query) -> None:
        self._asked = asked
        self._secrets: dict[str, _Secret] = {}
        self._reads: dict[_Key, _Reads] = {}
        self._primaries: dict[str, str] = {}
        self._waiting: dict[str, _Waiting] = {}

    def take(self, fields: Fields, number: int) -> None:
        """Take one record more."""
        if fields.get("errorCode"):
            return
        name = attributes.text(fields, "eventName")
        if name == _READ:
            self._read(fields, number)
        elif name == _EXEC:
            self._executed(fields)
        elif arn := attributes.arn(fields):
            self._changed(name, arn, fields, number)

    def entries(self) -> list[Result]:
        """Return what is exposed, by secret, the current version first."""
        for process in list(self._waiting):
            self._settle(process, "exec")
        found = []
        for (arn, version, principal), reads in self._reads.items():
            secret = self._secrets.get(self._primary(arn), _Secret())
            is_current = version == secret.current
            if is_current or not secret.current or reads.last_at > secret.changed_at:
                key = (attributes.name_in(arn), arn, not is_current, version, principal)
                found.append((key, _entry(arn, version, principal, reads, secret)))
        return [entry for _, entry in sorted(found, key=lambda each: each[0])]

    def _primary(self, arn: str) -> str:
        return self._primaries.get(arn, arn)

    def _read(self, fields: Fields, number: int) -> None:
        arn, version = attributes.arn(fields), _additional(fields, "versionId")
        if not arn or not version or not query.is_asked_for(fields, self._asked):
            return
        caller = attributes.text(fields, "userIdentity", "arn") or attributes.username(fields)
        reads = self._reads.setdefault((arn, version, caller), _Reads(attributes.username(fields)))
        reads.times += 1
        reads.last_ms = max(reads.last_ms, attributes.time_ms(fields))
        reads.last_at = number
        if _additional(fields, "operation") != "exec":
            reads.via.add(_via(attributes.command(fields) or _READ, fields))
            return
        process, request_id = _process(fields), attributes.text(fields, "requestID")
        waiting = self._waiting.get(process)
        if waiting is None or waiting.request_id != request_id:
            self._settle(process, "exec")
            waiting = self._waiting[process] = _Waiting(request_id)
        waiting.reads.append(reads)

    def _executed(self, fields: Fields) -> None:
        command = attributes.text(fields, "requestParameters", "command")
        self._settle(_process(fields), f"exec {command}")

    def _settle(self, process: str, what: str) -> None:
        waiting = self._waiting.pop(process, None)
        for reads in waiting.reads if waiting is not None else ():
            reads.via.add(f"{what}@{process.rpartition(' ')[0]}".rstrip("@"))

    def _changed(self, name: str, arn: str, fields: Fields, number: int) -> None:
        if name == "StopReplicationToReplica":
            self._part(arn)
            return
        if name == "CreateSecret":
            self._primaries.pop(arn, None)
        if name in _REPLICATING:
            self._follow(arn, fields)
        secret = self._secrets.setdefault(self._primary(arn), _Secret())
        secret.is_deleted = secret.is_deleted or _is_deletion(name, fields)
        version = _new_current(name, fields)
        if version and version != secret.current:
            secret.current = version
            secret.changed_ms, secret.changed_at = attributes.time_ms(fields), number
            secret.is_deleted = False

    def _follow(self, arn: str, fields: Fields) -> None:
        """Note replicas: their values change with the primary's, without records of their own."""
        request = fields.get("requestParameters")
        regions = request.get("addReplicaRegions") if isinstance(request, dict) else None
        for each in regions if isinstance(regions, list) else ():
            parts = arn.split(":")
            if len(parts) > _ARN_REGION and (region := attributes.text(each, "region")):
                parts[_ARN_REGION] = region
                self._primaries[":".join(parts)] = arn

    def _part(self, arn: str) -> None:
        """Let a replica that became a secret of its own go on from where its primary stands."""
        before = self._secrets.get(self._primaries.pop(arn, arn))
        if before is not None:
            own = self._secrets[arn] = _Secret()
            own.current, own.changed_ms = before.current, before.changed_ms
            own.changed_at = before.changed_at


def _new_current(name: str, fields: Fields) -> str:
    """Return the version that a change made current; empty where it made none so."""
    request = fields.get("requestParameters")
    if name == "UpdateSecretVersionStage":
        is_current = attributes.text(request, "versionStage") == _CURRENT
        return attributes.text(request, "moveToVersionId") if is_current else ""
    if name not in ("CreateSecret", "PutSecretValue", "UpdateSecret"):
        return ""
    if _additional(fields, "phase") != "outcome":  # a request that had been answered before
        return ""
    stages = request.get("versionStages") if isinstance(request, dict) else None
    if isinstance(stages, list) and _CURRENT not in stages:
        return ""
    told = attributes.text(fields, "responseElements", "versionId")
    # The outcome found after a crash has no answer; an update may have changed no value then.
    is_silent = fields.get("responseElements") is None and name != "UpdateSecret"
    return told or (attributes.text(request, "clientRequestToken") if is_silent else "")


def _is_deletion(name: str, fields: Fields) -> bool:
    if name == "EndSecretVersionDelete":
        return True
    request = fields.get("requestParameters")
    forced = isinstance(request, dict) and request.get("forceDeleteWithoutRecovery") is True
    return name == "DeleteSecret" and forced


def _entry(arn: str, version: str, principal: str, reads: _Reads, secret: _Secret) -> Result:
    entry: Result = {
        "SecretARN": arn,
        "Name": attributes.name_in(arn),
        "VersionId": version,
        "IsCurrent": version == secret.current,
        "IsDeleted": secret.is_deleted,
    }
    if secret.current:
        entry["LastChangedDate"] = moment(secret.changed_ms)
    return entry | {
        "Principal": principal,
        "Username": reads.username,
        "Times": reads.times,
        "LastReadDate": moment(reads.last_ms),
        "Via": sorted(reads.via),
    }


def _additional(fields: Fields, name: str) -> str:
    return attributes.text(fields, "additionalEventData", name)


def _process(fields: Fields) -> str:
    """Return which process of which machine it was."""
    additional = fields.get("additionalEventData")
    process = additional.get("process") if isinstance(additional, dict) else None
    number = process.get("pid") if isinstance(process, dict) else None
    return f"{attributes.text(additional, 'host')} {number}"


def _via(what: str, fields: Fields) -> str:
    host = _additional(fields, "host")
    return f"{what}@{host}" if host else what
