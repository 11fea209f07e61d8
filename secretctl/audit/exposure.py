"""Exposure: who has read the value that each secret has now, as the list to rotate after a leak.

The journal is gone through once, forward. A read counts

* if it was of the version that is current now, however long ago (a rollback makes an old value
  current again, and whoever read it then knows it now);
* or if it came after the secret's value last changed, whichever version it was of.

Where the journal does not tell what changed (it was pruned, the outcome of a change was found after
a crash, a copy of the vault was put back), reads are listed rather than left out.

A read whose value could not be decrypted gave nothing out, and does not count. Nor does one that
told nobody anything: for a rotation, by a function that comes with the program; or with a one-time
credential, of a version that was put with it, as a function of the user's own reads what it made.
"""

from __future__ import annotations

from secretctl.audit import attributes, lookup, query
from secretctl.audit.current_versions import CHANGES, COPIES, Known, Values
from secretctl.audit.event import ROTATION
from secretctl.audit.query import EVERYWHERE, Condition, Query, Scope
from secretctl.audit.reader import Reader
from secretctl.audit.undone_reads import READ, Undone
from secretctl.domain.staging import CURRENT
from secretctl.model.journal import EXPOSURE
from secretctl.model.shapes import Fields, Parameters, Result
from secretctl.model.timestamps import moment
from secretctl.model.validate import check_service

_EXEC = "Exec"
_GIVEN = "GiveCredential"
_PUT = "PutSecretValue"
_FOLLOWED = (*CHANGES, *COPIES, READ, _EXEC, _GIVEN)


class _Reads:
    """Reads of one version by one caller, between one change in the journal and the next."""

    def __init__(self, username: str, behind: int) -> None:
        self.username = username
        self.behind = behind
        """Number of the record of the change before them; -1 if there is none."""

        self.times = 0
        self.last_ms = 0
        self.via: set[str] = set()


class _Waiting:
    """Reads for ``exec`` whose command is not told yet: it comes in a record of its own."""

    def __init__(self, request_id: str) -> None:
        self.request_id = request_id
        self.reads: list[_Reads] = []


_Key = tuple[str, str, str]
"""ARN, version id, the caller's ARN."""


def exposure(
    reader: Reader, parameters: Parameters, now_ms: int, scope: Scope = EVERYWHERE
) -> Result:
    """Return what has been read by whom since each value last changed.

    Args:
        reader: Of the journal.
        parameters: Wire parameters: which caller, which secret, since when; all if left out.
        now_ms: What ``Since`` counts from.
        scope: Keys to hidden names, and whether one region alone is asked about.

    Raises:
        ServiceError: A parameter has no meaning.
        JournalDamagedError, JournalUnavailableError, UnsafePermissionsError: See `Reader`.
    """
    check_service(EXPOSURE, parameters)
    asked = lookup.asked(parameters, now_ms, scope)
    ledger = _Ledger(asked, Undone(reader.directory))
    hints = tuple(f'"eventName":"{name}"'.encode() for name in _FOLLOWED)
    followed = Condition(hints, lambda fields: fields.get("eventName") in _FOLLOWED)
    for number, record in enumerate(query.select(reader, reader.forward(), Query((followed,)))):
        ledger.take(record.fields, number)
    return {"Exposures": ledger.entries()}


class _Ledger:
    """Who has read what, as far as the journal was read."""

    def __init__(self, asked: Query, undone: Undone) -> None:
        self._asked = asked
        self._undone = undone
        self._values = Values()
        self._reads: dict[_Key, list[_Reads]] = {}
        self._changed_at = -1
        """Number of the last record of a change, of whichever secret."""

        self._waiting: dict[str, _Waiting] = {}
        self._one_time: dict[str, set[str]] = {}
        """Versions that were put with each one-time credential."""

    def take(self, fields: Fields, number: int) -> None:
        """Take the next record of the journal, the one with that number, into account."""
        if fields.get("errorCode"):
            return
        name = attributes.text(fields, "eventName")
        if name == READ:
            self._read(fields)
        elif name == _EXEC:
            self._executed(fields)
        elif name == _GIVEN:
            given = attributes.text(fields, "requestParameters", "accessKeyId")
            self._one_time.setdefault(given, set())
        elif name in COPIES:
            self._values.put_back(fields)
        elif attributes.arn(fields):
            self._values.change(fields, number)
            self._changed_at = number
            if name == _PUT:
                put = attributes.text(fields, "responseElements", "versionId")
                self._one_time.get(_credential(fields), set()).add(put)

    def entries(self) -> list[Result]:
        """Return what is exposed, by secret, the current version first."""
        for process in list(self._waiting):
            self._settle(process, "exec")
        found = []
        for (arn, version, principal), all_reads in self._reads.items():
            secret = self._values.of(arn)
            is_current = version == secret.current
            since = -1 if is_current or not secret.current else secret.changed_at
            reads = [each for each in all_reads if each.behind >= since]
            if reads:
                key = (attributes.name_in(arn), arn, not is_current, version, principal)
                found.append((key, _entry(arn, version, principal, reads, secret)))
        return [entry for _, entry in sorted(found, key=lambda each: each[0])]

    def _read(self, fields: Fields) -> None:
        arn, version = attributes.arn(fields), _additional(fields, "versionId")
        if not arn or not version:
            return
        if _means_current(fields):
            self._values.of(arn).was_read(version)
        if self._undone.take(fields) or not query.is_asked_for(fields, self._asked):
            return
        is_own = version in self._one_time.get(_credential(fields), ())
        if is_own or _additional(fields, "operation") == ROTATION:
            return
        caller = attributes.text(fields, "userIdentity", "arn") or attributes.username(fields)
        reads = self._reads_of((arn, version, caller), attributes.username(fields))
        reads.times += 1
        reads.last_ms = max(reads.last_ms, attributes.time_ms(fields))
        if _additional(fields, "operation") != "exec":
            reads.via.add(_via(attributes.command(fields) or READ, fields))
            return
        process, request_id = _process(fields), attributes.text(fields, "requestID")
        waiting = self._waiting.get(process)
        if waiting is None or waiting.request_id != request_id:
            self._settle(process, "exec")
            waiting = self._waiting[process] = _Waiting(request_id)
        waiting.reads.append(reads)

    def _reads_of(self, key: _Key, username: str) -> _Reads:
        """Return the reads that one more belongs to."""
        all_reads = self._reads.setdefault(key, [])
        if not all_reads or all_reads[-1].behind != self._changed_at:
            all_reads.append(_Reads(username, self._changed_at))
        return all_reads[-1]

    def _executed(self, fields: Fields) -> None:
        command = attributes.text(fields, "requestParameters", "command")
        self._settle(_process(fields), f"exec {command}")

    def _settle(self, process: str, what: str) -> None:
        waiting = self._waiting.pop(process, None)
        for reads in waiting.reads if waiting is not None else ():
            reads.via.add(f"{what}@{process.rpartition(' ')[0]}".rstrip("@"))


def _means_current(fields: Fields) -> bool:
    """Tell whether a read was of the version that was current then."""
    request = fields.get("requestParameters")
    if not isinstance(request, dict) or "versionId" in request:
        return False
    return bool(request.get("versionStage", CURRENT) == CURRENT)


def _entry(arn: str, version: str, principal: str, reads: list[_Reads], secret: Known) -> Result:
    entry: Result = {
        "SecretARN": arn,
        "Name": attributes.name_in(arn),
        "VersionId": version,
        "IsCurrent": version == secret.current,
        "IsDeleted": secret.is_deleted,
    }
    if secret.changed_ms >= 0:
        entry["LastChangedDate"] = moment(secret.changed_ms)
    return entry | {
        "Principal": principal,
        "Username": reads[0].username,
        "Times": sum(each.times for each in reads),
        "LastReadDate": moment(max(each.last_ms for each in reads)),
        "Via": sorted(set().union(*(each.via for each in reads))),
    }


def _additional(fields: Fields, name: str) -> str:
    return attributes.text(fields, "additionalEventData", name)


def _credential(fields: Fields) -> str:
    return attributes.text(fields, "userIdentity", "accessKeyId")


def _process(fields: Fields) -> str:
    """Return which process of which machine it was."""
    additional = fields.get("additionalEventData")
    process = additional.get("process") if isinstance(additional, dict) else None
    number = process.get("pid") if isinstance(process, dict) else None
    return f"{attributes.text(additional, 'host')} {number}"


def _via(what: str, fields: Fields) -> str:
    host = _additional(fields, "host")
    return f"{what}@{host}" if host else what
