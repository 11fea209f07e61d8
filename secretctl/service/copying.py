"""Making the secrets of one Secrets Manager those of another, one secret at a time.

* Versions keep their ids: the id of a version is the ClientRequestToken of the request that makes
  it. So the same copy again changes nothing, and neither do two at once.
* Versions of other ids whose values are the same are taken for the same; versions of one id whose
  values differ are an error, for whoever chose the id chose it twice.
* What decides who reads a value is there before the value: tags and the policy. A policy that is
  taken away goes last.
* What is current over there is current here before the version before it, so that nobody reads an
  older value meanwhile.
* KMS keys, rotation and replicas are not copied: they are of an account and a region.
"""

from __future__ import annotations

from collections.abc import Callable

from secretctl.domain.staging import CURRENT, PREVIOUS
from secretctl.errors import ServiceError, ValueDamagedError, VaultDamagedError
from secretctl.model.operations import BY_NAME
from secretctl.model.shapes import Parameters, Result
from secretctl.record import NamedTuple
from secretctl.service.copying_held import (
    Call,
    Held,
    held,
    is_same_document,
    labelled,
    stages,
    value,
)
from secretctl.service.reading import DAMAGED
from secretctl.service.versions import in_use

CREATE, CHANGE, SAME = "create", "change", "unchanged"
DESCRIPTION, TAGS, POLICY = "description", "tags", "policy"
"""What may differ, besides the versions that bear a label."""

NAME = "name"
"""What is copied of a secret that is made, whatever else is."""

_NOT_THERE, _IS_THERE = "ResourceNotFoundException", "ResourceExistsException"


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

    copied: tuple[str, ...] = ()
    """What was, in spite of that: `NAME`, and what of that differs."""


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
        found, copied = Finding(name, SAME), list[str]()
        try:
            wanted = held(self._source, name, has_policies=self._has_policies)
            there = self._there(name)
            differs = self._differs(wanted, there)
            if there is not None and not differs:
                return found
            tags = _tags(wanted.tags, {} if there is None else there.tags)
            found = Finding(name, CREATE if there is None else CHANGE, differs, tags)
            if not is_trial:
                self._write(wanted, there, differs, copied)
        except (ServiceError, VaultDamagedError) as error:
            kept = tuple(each for each in copied if each == NAME or each in found.differs)
            return found._replace(error=_of_the_secret(error), copied=kept)
        return found

    def _there(self, name: str) -> Held | None:
        try:
            return held(self._target, name, has_policies=self._has_policies)
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
            (POLICY, not is_same_document(wanted.policy, has.policy)),
        )
        return (*labels, *(what for what, is_other in others if is_other))

    def _has_value(self, wanted: Held, has: Held, label: str) -> bool:
        """Tell whether the version with *label* is the same, or one of the same value."""
        mine, theirs = wanted.versions[label], has.versions.get(label)
        if mine in has.versions.values():  # under whatever label, it has to be the same
            self._is_same(wanted.name, mine, mine)
        if theirs in (None, mine):
            return theirs is not None
        return self._is_same(wanted.name, mine, str(theirs))

    def _is_same(self, name: str, mine: str, theirs: str) -> bool:
        """Tell whether two versions have the same value.

        Raises:
            ServiceError: They have not, and one id.
        """
        is_same = value(self._source, name, mine) == value(self._target, name, theirs)
        if mine == theirs and not is_same:
            raise ServiceError(_IS_THERE, in_use(mine, name), "its value is another in --to")
        return is_same

    def _write(
        self, wanted: Held, there: Held | None, differs: tuple[str, ...], copied: list[str]
    ) -> None:
        """Write what differs, and add to *copied* what was written."""
        if there is None:
            try:
                copied += self._create(wanted)
            except ServiceError as error:
                there = self._there(wanted.name) if error.code == _IS_THERE else None
                if there is None:
                    raise
                differs = self._differs(wanted, there)  # somebody else copies it as well
        labels = (CURRENT, PREVIOUS)
        order = (POLICY, *labels) if wanted.policy else (*labels, POLICY)
        for what in (DESCRIPTION, TAGS, *order):
            if what in differs and what not in copied:
                self._copy(what, wanted, there)
                copied.append(what)

    def _copy(self, what: str, wanted: Held, there: Held | None) -> None:
        if what == DESCRIPTION:
            said: Parameters = {"Description": wanted.description}
            self._change("UpdateSecret", wanted.name, said | {"ClientRequestToken": self._token()})
        elif what == TAGS:
            assert there is not None, "it is made with its tags"
            self._tag(wanted, there)
        elif what == POLICY and wanted.policy:
            self._change("PutResourcePolicy", wanted.name, {"ResourcePolicy": wanted.policy})
        elif what == POLICY:
            self._change("DeleteResourcePolicy", wanted.name, {})
        else:
            self._label(wanted, what)

    def _change(self, operation: str, name: str, parameters: Parameters) -> Result:
        return self._target(BY_NAME[operation], {"SecretId": name, **parameters})

    def _create(self, wanted: Held) -> list[str]:
        """Make the secret, with its current value unless its policy goes before; return what is."""
        made: Parameters = {"Name": wanted.name, "ClientRequestToken": self._token()}
        if wanted.description:
            made["Description"] = wanted.description
        if wanted.tags:
            made["Tags"] = [{"Key": key, "Value": each} for key, each in wanted.tags.items()]
        version_id = wanted.versions.get(CURRENT)
        copied = [NAME, DESCRIPTION, TAGS]
        if version_id and not wanted.policy:
            made["ClientRequestToken"] = version_id
            made |= value(self._source, wanted.name, version_id)
            copied.append(CURRENT)
        self._target(BY_NAME["CreateSecret"], made)
        return copied

    def _label(self, wanted: Held, label: str) -> None:
        """Give *label* to the version of *wanted* that bears it, which is made if it is not there.

        What is said of labels is asked for anew: giving one moves others.
        """
        name, version_id = wanted.name, wanted.versions[label]
        described = self._target(BY_NAME["DescribeSecret"], {"SecretId": name})
        is_there = version_id in stages(described)
        if is_there:
            self._is_same(name, version_id, version_id)
        if labelled(described).get(label) == version_id:
            return
        if not is_there:
            put: Parameters = {"ClientRequestToken": version_id, "VersionStages": [label]}
            put |= value(self._source, name, version_id)
            given = self._change("PutSecretValue", name, put).get("VersionStages")
            if isinstance(given, list) and label in given:
                return
        moved: Parameters = {"VersionStage": label, "MoveToVersionId": version_id}
        holder = labelled(described).get(label)
        moved |= {} if holder is None else {"RemoveFromVersionId": holder}
        self._change("UpdateSecretVersionStage", name, moved)

    def _tag(self, wanted: Held, there: Held) -> None:
        gone = [key for key in there.tags if key not in wanted.tags]
        if gone:
            self._change("UntagResource", wanted.name, {"TagKeys": gone})
        added = [
            {"Key": key, "Value": each}
            for key, each in wanted.tags.items()
            if there.tags.get(key) != each
        ]
        if added:
            self._change("TagResource", wanted.name, {"Tags": added})


def _of_the_secret(error: ServiceError | VaultDamagedError) -> ServiceError:
    """Return why one secret is not copied, or raise *error* if it is not about that alone."""
    if isinstance(error, ServiceError):
        return error
    if isinstance(error, ValueDamagedError):
        return ServiceError(DAMAGED, error.message, *error.hints)
    if error.place:
        return ServiceError("InternalServiceError", error.message, *error.hints)
    raise error


def _tags(wanted: dict[str, str], there: dict[str, str]) -> tuple[str, ...]:
    """Return the keys of tags that differ, as a `Finding` has them."""
    kept = wanted.keys() & there.keys()
    return (
        *(f"+{key}" for key in wanted if key not in kept),
        *(f"-{key}" for key in there if key not in kept),
        *(f"~{key}" for key in wanted if key in kept and wanted[key] != there[key]),
    )
