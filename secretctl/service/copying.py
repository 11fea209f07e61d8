"""Making the secrets of one Secrets Manager those of another, one secret at a time.

* Versions keep their ids: the id of a version is the ClientRequestToken of the request that makes
  it. So the same copy again changes nothing, and neither do two at once.
* Versions of other ids whose values are the same are taken for the same.
* What is current over there is current here before anything else, so that nobody reads an older
  value meanwhile.
* KMS keys, rotation and replicas are not copied: they are of an account and a region.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from secretctl import json_text
from secretctl.domain.staging import CURRENT, PREVIOUS
from secretctl.errors import ServiceError
from secretctl.model.operations import BY_NAME
from secretctl.model.shapes import Operation
from secretctl.record import NamedTuple
from secretctl.service.paging import Paging, each_page

Parameters = dict[str, object]
Result = dict[str, object]
Call = Callable[[Operation, Parameters], Result]
"""Runs an operation of a Secrets Manager; as `dispatch.call`."""

CREATE, CHANGE, SAME = "create", "change", "unchanged"
DESCRIPTION, TAGS, POLICY = "description", "tags", "policy"
"""What may differ, besides the versions that bear a label."""

_NOT = "!"
"""Begins a filter of what is not wanted."""

_NOT_THERE = "ResourceNotFoundException"
_VALUES = ("SecretString", "SecretBinary")
_OF_AWS = "aws:"
"""How tags begin that nobody may set."""


class Held(NamedTuple):
    """What one of the two holds of a secret. Its ``repr`` shows the name alone."""

    name: str
    versions: dict[str, str]
    """Ids of versions by the label they bear: `CURRENT` and `PREVIOUS`."""

    description: str
    tags: dict[str, str]
    policy: str

    def __repr__(self) -> str:
        """Name the secret."""
        return f"<secret {self.name}>"


class Finding(NamedTuple):
    """What becomes of a secret, or would."""

    name: str
    what: str
    differs: tuple[str, ...] = ()
    """What differs: a label whose value is another, `DESCRIPTION`, `TAGS`, `POLICY`."""

    tags: tuple[str, ...] = ()
    """Keys of tags that differ, behind ``+`` for one to be added, ``-`` for one to go, or ``~``."""

    error: ServiceError | None = None
    """Why it is not, or not all of it."""


def names(call: Call, prefix: str) -> Iterator[str]:
    """Yield the names of secrets that begin with *prefix*, but for those that a service manages."""
    asked: Parameters = {}
    if prefix and not prefix.startswith(_NOT):
        asked["Filters"] = [{"Key": "name", "Values": [prefix]}]
    listing = BY_NAME["ListSecrets"]
    for page in each_page(lambda given: call(listing, given), listing, asked, Paging()):
        found = page["SecretList"]
        assert isinstance(found, list)
        own = (each.get("Name", "") for each in found if not each.get("OwningService"))
        yield from (name for name in own if name and name.startswith(prefix))


class Copying:
    """From one Secrets Manager to another."""

    def __init__(
        self, source: Call, target: Call, token: Callable[[], str], *, has_policies: bool
    ) -> None:
        """Keep what is called.

        Args:
            source: Where secrets are read.
            target: Where they are written.
            token: Makes a ClientRequestToken where no version gives one.
            has_policies: Whether resource policies are copied as well.
        """
        self._source = source
        self._target = target
        self._token = token
        self._has_policies = has_policies

    def found(self, name: str) -> Finding:
        """Return what would become of a secret; nothing is changed."""
        return self._made(name, is_trial=True)

    def made(self, name: str) -> Finding:
        """Make a secret in the target what it is in the source, and return what became of it."""
        return self._made(name, is_trial=False)

    def _made(self, name: str, *, is_trial: bool) -> Finding:
        found = Finding(name, SAME)
        try:
            wanted = self._held(self._source, name)
            there = self._there(name)
            differs = self._differs(wanted, there)
            if there is not None and not differs:
                return found
            tags = _tags(wanted.tags, {} if there is None else there.tags)
            found = Finding(name, CREATE if there is None else CHANGE, differs, tags)
            if not is_trial:
                self._write(wanted, there, differs)
        except ServiceError as error:
            return found._replace(error=error)
        return found

    def _held(self, call: Call, name: str) -> Held:
        described = call(BY_NAME["DescribeSecret"], {"SecretId": name})
        if "DeletedDate" in described:
            raise ServiceError(
                "InvalidRequestException",
                "You can't perform this operation on the secret because it was marked for "
                "deletion.",
            )
        policy: object = ""
        if self._has_policies:
            answer = call(BY_NAME["GetResourcePolicy"], {"SecretId": name})
            policy = answer.get("ResourcePolicy") or ""
        tags = described.get("Tags") or []
        assert isinstance(tags, list)
        return Held(
            name,
            _labelled(described),
            str(described.get("Description") or ""),
            {
                each["Key"]: each.get("Value", "")
                for each in tags
                if not each.get("Key", _OF_AWS).startswith(_OF_AWS)
            },
            str(policy),
        )

    def _there(self, name: str) -> Held | None:
        try:
            return self._held(self._target, name)
        except ServiceError as error:
            if error.code != _NOT_THERE:
                raise
            return None

    def _differs(self, wanted: Held, there: Held | None) -> tuple[str, ...]:
        has = there or Held(wanted.name, {}, "", {}, "")
        labels: list[str] = []
        for label in (CURRENT, PREVIOUS):
            # What is made current makes another version the one before it.
            if label in wanted.versions and (labels or not self._has_value(wanted, has, label)):
                labels.append(label)
        others = (
            (DESCRIPTION, wanted.description != has.description),
            (TAGS, wanted.tags != has.tags),
            (POLICY, not _is_same_document(wanted.policy, has.policy)),
        )
        return (*labels, *(what for what, is_other in others if is_other))

    def _has_value(self, wanted: Held, has: Held, label: str) -> bool:
        """Tell whether the version with *label* is the same, or one of the same value."""
        mine, theirs = wanted.versions[label], has.versions.get(label)
        if mine == theirs:
            return True
        if theirs is None:
            return False
        return self._value(self._source, wanted.name, mine) == self._value(
            self._target, has.name, theirs
        )

    def _value(self, call: Call, name: str, version_id: str) -> Parameters:
        asked: Parameters = {"SecretId": name, "VersionId": version_id}
        answer = call(BY_NAME["GetSecretValue"], asked)
        return {each: answer[each] for each in _VALUES if each in answer}

    def _write(self, wanted: Held, there: Held | None, differs: tuple[str, ...]) -> None:
        if there is None:
            self._create(wanted)
        elif DESCRIPTION in differs:
            said: Parameters = {"Description": wanted.description}
            self._change("UpdateSecret", wanted.name, said | {"ClientRequestToken": self._token()})
        for label in (CURRENT, PREVIOUS):
            is_made = there is None and label == CURRENT
            if label in differs and not is_made:
                self._label(wanted, label)
        if there is not None and TAGS in differs:
            self._tag(wanted, there)
        if POLICY in differs and wanted.policy:
            said = {"ResourcePolicy": wanted.policy}
            self._change("PutResourcePolicy", wanted.name, said)
        elif POLICY in differs:
            self._change("DeleteResourcePolicy", wanted.name, {})

    def _change(self, operation: str, name: str, parameters: Parameters) -> Result:
        return self._target(BY_NAME[operation], {"SecretId": name, **parameters})

    def _create(self, wanted: Held) -> None:
        made: Parameters = {"Name": wanted.name, "ClientRequestToken": self._token()}
        if wanted.description:
            made["Description"] = wanted.description
        if wanted.tags:
            made["Tags"] = [{"Key": key, "Value": each} for key, each in wanted.tags.items()]
        if version_id := wanted.versions.get(CURRENT):
            made["ClientRequestToken"] = version_id
            made |= self._value(self._source, wanted.name, version_id)
        self._target(BY_NAME["CreateSecret"], made)

    def _label(self, wanted: Held, label: str) -> None:
        """Give *label* to the version of *wanted* that bears it, which is made if it is not there.

        What is said of labels is asked for anew: giving one moves others.
        """
        name, version_id = wanted.name, wanted.versions[label]
        described = self._target(BY_NAME["DescribeSecret"], {"SecretId": name})
        if _labelled(described).get(label) == version_id:
            return
        if version_id not in _stages(described):
            value = self._value(self._source, name, version_id)
            put: Parameters = {"ClientRequestToken": version_id, "VersionStages": [label]}
            answer = self._change("PutSecretValue", name, put | value)
            stages = answer.get("VersionStages")
            if isinstance(stages, list) and label in stages:
                return
        moved: Parameters = {"VersionStage": label, "MoveToVersionId": version_id}
        holder = _labelled(described).get(label)
        moved |= {} if holder is None else {"RemoveFromVersionId": holder}
        self._change("UpdateSecretVersionStage", name, moved)

    def _tag(self, wanted: Held, there: Held) -> None:
        gone = [key for key in there.tags if key not in wanted.tags]
        if gone:
            self._change("UntagResource", wanted.name, {"TagKeys": gone})
        added = [
            {"Key": key, "Value": value}
            for key, value in wanted.tags.items()
            if there.tags.get(key) != value
        ]
        if added:
            self._change("TagResource", wanted.name, {"Tags": added})


def _tags(wanted: dict[str, str], there: dict[str, str]) -> tuple[str, ...]:
    """Return the keys of tags that differ, as a `Finding` has them."""
    kept = wanted.keys() & there.keys()
    return (
        *(f"+{key}" for key in wanted if key not in kept),
        *(f"-{key}" for key in there if key not in kept),
        *(f"~{key}" for key in wanted if key in kept and wanted[key] != there[key]),
    )


def _stages(described: Result) -> dict[str, list[str]]:
    found = described.get("VersionIdsToStages") or {}
    assert isinstance(found, dict)
    return found


def _labelled(described: Result) -> dict[str, str]:
    """Return the ids of the versions that are current and previous."""
    return {
        label: version_id
        for version_id, labels in _stages(described).items()
        for label in labels
        if label in (CURRENT, PREVIOUS)
    }


def _is_same_document(first: str, second: str) -> bool:
    """Tell whether two policies say the same, whatever blanks they have."""
    if first == second or not first or not second:
        return first == second
    try:
        return bool(json_text.read(first) == json_text.read(second))
    except (ValueError, RecursionError):
        return False
