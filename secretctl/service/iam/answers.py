"""How users, groups, roles and policies are shown, and tags kept."""

from __future__ import annotations

from collections.abc import Sequence

from secretctl.domain.principals import Entity, Role, User
from secretctl.errors import ServiceError
from secretctl.model.shapes import Result
from secretctl.model.timestamps import datetime
from secretctl.service.iam import entities
from secretctl.service.iam.pages import Items
from secretctl.service.secrets import moment
from secretctl.service.session import Session

Tags = list[dict[str, str]]


def pairs(tags: Tags | None, code: str = "InvalidInput") -> tuple[tuple[str, str], ...]:
    """Return tags as they are kept.

    Raises:
        ServiceError: Of that *code*; a key is given twice, capitals or not, or is reserved.
    """
    keys = [tag["Key"].lower() for tag in tags or []]
    if len(set(keys)) < len(keys):
        raise ServiceError(
            code,
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
        )
    if any(key.startswith("aws:") for key in keys):
        raise ServiceError(code, "Tag keys that start with aws: are reserved.")
    return tuple((tag["Key"], tag["Value"]) for tag in tags or [])


def when(milliseconds: int) -> datetime:
    """Return a time as IAM shows it: whole seconds."""
    return moment(milliseconds // 1000 * 1000)


def basics(session: Session, entity: Entity, word: str) -> Result:
    """Return the members with which every entity is shown; *word* is User, Group or Role."""
    return {
        "Path": entity.path,
        f"{word}Name": entity.name,
        f"{word}Id": entity.id,
        "Arn": entities.arn_of(session, entity),
        "CreateDate": when(entity.created_ms),
    }


def listed(session: Session, found: Sequence[Entity], word: str) -> Items:
    """Return entities as lists show them, without their tags; *word* is User or Group."""
    return [(each.name.lower(), basics(session, each, word)) for each in found]


def with_details(result: Result, found: User | Role) -> Result:
    """Add the boundary and the tags, which lists leave out, if there are any.

    The type is ``Policy``, though AWS's model has ``PermissionsBoundaryPolicy``: its service never
    answers that.
    """
    if found.boundary:
        result["PermissionsBoundary"] = {
            "PermissionsBoundaryType": "Policy",
            "PermissionsBoundaryArn": found.boundary,
        }
    return with_tags(result, found.tags)


def with_tags(result: Result, tags: tuple[tuple[str, str], ...]) -> Result:
    """Add tags to what is shown, if there are any."""
    if tags:
        result["Tags"] = [{"Key": key, "Value": value} for key, value in tags]
    return result
