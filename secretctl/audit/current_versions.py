"""Which version of each secret is current, as far as the journal tells.

A copy of the vault that was put back takes back what was changed after its generation. No
generation is given twice, not even after a copy, so what a copy holds follows from the changes:
those of the generations that led to it.
"""

from __future__ import annotations

from secretctl.audit import attributes
from secretctl.domain.staging import CURRENT
from secretctl.model.shapes import Fields
from secretctl.record import NamedTuple

CHANGES = (
    *("CreateSecret", "PutSecretValue", "UpdateSecret", "UpdateSecretVersionStage", "DeleteSecret"),
    *("EndSecretVersionDelete", "ReplicateSecretToRegions", "RemoveRegionsFromReplication"),
    "StopReplicationToReplica",
)
COPIES = ("AcceptRestore", "RestoreBackup")
_ARN_REGION = 3
_NEVER = -1


class Known:
    """What is known of a secret's value."""

    def __init__(self) -> None:
        self.current = ""
        """The version; empty where the journal does not tell."""

        self.changed_ms = _NEVER
        self.changed_at = _NEVER
        """Time and number of the record that tells of its last change; -1 where none does."""

        self.is_empty = False
        """Whether it was made without a value and has had none since."""

        self.is_deleted = False

    def was_read(self, version: str) -> None:
        """Learn that *version* was what a request got that named none."""
        if self.changed_at < 0 and version != self.current:
            self.current, self.changed_ms = version, _NEVER


class _Change(NamedTuple):
    """What a record says of a change."""

    name: str
    arn: str
    number: int
    generation: int
    now_ms: int
    version: str
    """The version that it made; empty if it made none."""

    is_current: bool
    """Whether that became the current one, whatever the secret had before."""

    is_deletion: bool
    added: tuple[str, ...]
    removed: tuple[str, ...]
    """ARNs of replicas."""


class Values:
    """Follows changes, oldest first."""

    def __init__(self) -> None:
        self._secrets: dict[str, Known] = {}
        self._primaries: dict[str, str] = {}
        self._changes: list[_Change] = []
        self._generation = 0
        self._copies: list[tuple[int, int]] = []
        """Generation of each copy that was put back, and the one with which it went on."""

    def of(self, arn: str) -> Known:
        """Return what is known of a secret; a replica has the value of its primary."""
        return self._secrets.setdefault(self._primaries.get(arn, arn), Known())

    def change(self, fields: Fields, number: int) -> None:
        """Take the record of a change, the *number*-th."""
        # A purge has no generation of its own: it belongs to the change recorded before it.
        told = _whole(fields.get("additionalEventData"), "storeGeneration")
        self._generation = self._generation if told is None else told
        change = _change(fields, number, self._generation)
        self._changes.append(change)
        self._apply(change)

    def put_back(self, fields: Fields) -> None:
        """Take the record of a copy that was put back.

        Of a backup vault and journal are of one moment. Any other copy may be one that was changed
        besides: which value was current when is not known before it.
        """
        request = fields.get("requestParameters")
        copied, newest = _whole(request, "vaultGeneration"), _whole(request, "newGeneration")
        lost = copied is None or copied > (_whole(request, "journalGeneration") or 0)
        self._go_back(self._generation if copied is None else copied)
        if copied is not None and newest is not None:
            self._copies.append((copied, newest))
            self._generation = newest
        if attributes.text(fields, "eventName") != "RestoreBackup":
            has_moved = isinstance(request, dict) and bool(request.get("movedAside"))
            self._doubt(is_current_known=not (lost or has_moved))

    def _go_back(self, generation: int) -> None:
        """Make everything what it was in a generation; a secret made behind it is gone."""
        before, self._secrets, self._primaries = self._secrets, {}, {}
        stood = self._stood(generation)
        made_later: set[str] = set()
        for change in self._changes:
            if any(first <= change.generation <= last for first, last in stood):
                self._apply(change)
            elif change.name == "CreateSecret":
                made_later.add(change.arn)
        for arn in (made_later & before.keys()) - self._secrets.keys():
            self._secrets[arn] = before[arn]
            self._secrets[arn].is_deleted = True

    def _stood(self, generation: int) -> list[tuple[int, int]]:
        """Return the spans of generations that led to one."""
        spans = []
        for copied, newest in reversed(self._copies):
            if newest <= generation:
                spans.append((newest, generation))
                generation = copied
        return [*spans, (0, generation)]

    def _doubt(self, *, is_current_known: bool) -> None:
        for known in self._secrets.values():
            known.changed_at = _NEVER
            known.is_empty = False
            if not is_current_known:
                known.current, known.changed_ms = "", _NEVER

    def _apply(self, change: _Change) -> None:
        if change.name == "StopReplicationToReplica":
            self._part(change.arn)
            return
        if change.name == "CreateSecret":
            self._primaries.pop(change.arn, None)
            self.of(change.arn).is_empty = not change.version
        self._primaries |= dict.fromkeys(change.added, change.arn)
        for replica in change.removed:
            self._part(replica)
            self.of(replica).is_deleted = True
        known = self.of(change.arn)
        known.is_deleted = known.is_deleted or change.is_deletion
        # The first version of a secret is the current one, whatever its labels.
        is_current = change.is_current or known.is_empty
        if change.version and is_current and change.version != known.current:
            known.current = change.version
            known.changed_ms, known.changed_at = change.now_ms, change.number
            known.is_deleted = known.is_empty = False

    def _part(self, arn: str) -> None:
        """Let a replica that became a secret of its own go on from where its primary stands."""
        before = self.of(arn)
        self._primaries.pop(arn, None)
        own = self._secrets[arn] = Known()
        own.current, own.is_empty = before.current, before.is_empty
        own.changed_ms, own.changed_at = before.changed_ms, before.changed_at


def _change(fields: Fields, number: int, generation: int) -> _Change:
    name, arn = attributes.text(fields, "eventName"), attributes.arn(fields)
    request = fields.get("requestParameters")
    version, is_current = _version(name, fields)
    forced = isinstance(request, dict) and request.get("forceDeleteWithoutRecovery") is True
    return _Change(
        name,
        arn,
        number,
        generation,
        attributes.time_ms(fields),
        version,
        is_current,
        is_deletion=name == "EndSecretVersionDelete" or (name == "DeleteSecret" and forced),
        added=_replicas(
            arn, [attributes.text(o, "region") for o in _list(request, "addReplicaRegions")]
        ),
        removed=_replicas(arn, _list(request, "removeReplicaRegions")),
    )


def _version(name: str, fields: Fields) -> tuple[str, bool]:
    """Return the version that a change is about, empty if none, and whether it became current."""
    request, response = fields.get("requestParameters"), fields.get("responseElements")
    if name == "UpdateSecretVersionStage":
        is_current = attributes.text(request, "versionStage") == CURRENT
        return (attributes.text(request, "moveToVersionId"), True) if is_current else ("", False)
    is_outcome = attributes.text(fields, "additionalEventData", "phase") == "outcome"
    # Without an outcome the request had been answered before.
    if not is_outcome or name not in ("CreateSecret", "PutSecretValue", "UpdateSecret"):
        return "", False
    stages = _list(response, "versionStages") or _list(request, "versionStages") or [CURRENT]
    told = attributes.text(response, "versionId")
    # The outcome found after a crash has no answer; an update may have changed no value then.
    is_silent = response is None and name != "UpdateSecret"
    token = attributes.text(request, "clientRequestToken") if is_silent else ""
    return told or token, CURRENT in stages


def _replicas(arn: str, regions: list[object]) -> tuple[str, ...]:
    parts = arn.split(":")
    named = [region for region in regions if isinstance(region, str) and region]
    if len(parts) <= _ARN_REGION:
        return ()
    return tuple(
        ":".join([*parts[:_ARN_REGION], each, *parts[_ARN_REGION + 1 :]]) for each in named
    )


def _list(fields: object, name: str) -> list[object]:
    found = fields.get(name) if isinstance(fields, dict) else None
    return found if isinstance(found, list) else []


def _whole(fields: object, name: str) -> int | None:
    found = fields.get(name) if isinstance(fields, dict) else None
    return found if type(found) is int else None
