"""What a Secrets Manager holds of a secret, as far as it is copied."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from secretctl import json_text
from secretctl.domain.staging import CURRENT, PREVIOUS
from secretctl.errors import ServiceError
from secretctl.model.operations import BY_NAME
from secretctl.model.shapes import Operation, Parameters, Result
from secretctl.record import NamedTuple
from secretctl.service.paging import Paging, each_page

Call = Callable[[Operation, Parameters], Result]
"""Runs an operation of a Secrets Manager; as `dispatch.call`."""

_NOT = "!"
"""Begins a filter of what is not wanted."""

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


def held(call: Call, name: str, *, has_policies: bool) -> Held:
    """Return what one of the two holds of a secret.

    Raises:
        ServiceError: It is not there, or will soon not be.
    """
    described = call(BY_NAME["DescribeSecret"], {"SecretId": name})
    if "DeletedDate" in described:
        raise ServiceError(
            "InvalidRequestException",
            "You can't perform this operation on the secret because it was marked for deletion.",
        )
    policy: object = ""
    if has_policies:
        answer = call(BY_NAME["GetResourcePolicy"], {"SecretId": name})
        policy = answer.get("ResourcePolicy") or ""
    tags = described.get("Tags") or []
    assert isinstance(tags, list)
    return Held(
        name,
        labelled(described),
        str(described.get("Description") or ""),
        {
            each["Key"]: each.get("Value", "")
            for each in tags
            if not each.get("Key", _OF_AWS).startswith(_OF_AWS)
        },
        str(policy),
    )


def value(call: Call, name: str, version_id: str) -> Parameters:
    """Return the value of a version, as a request has it."""
    asked: Parameters = {"SecretId": name, "VersionId": version_id}
    answer = call(BY_NAME["GetSecretValue"], asked)
    return {each: answer[each] for each in _VALUES if each in answer}


def stages(described: Result) -> dict[str, list[str]]:
    """Return the labels of each version that has one."""
    found = described.get("VersionIdsToStages") or {}
    assert isinstance(found, dict)
    return found


def labelled(described: Result) -> dict[str, str]:
    """Return the ids of the versions that are current and previous."""
    return {
        label: version_id
        for version_id, labels in stages(described).items()
        for label in labels
        if label in (CURRENT, PREVIOUS)
    }


def is_same_document(first: str, second: str) -> bool:
    """Tell whether two policies say the same, whatever blanks they have."""
    if first == second or not first or not second:
        return first == second
    try:
        return bool(json_text.read(first) == json_text.read(second))
    except (ValueError, RecursionError):
        return False
