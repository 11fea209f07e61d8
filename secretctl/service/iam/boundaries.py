"""IAM's operations about permissions boundaries: a managed policy beyond which nothing is allowed.

See: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

from __future__ import annotations

from secretctl.domain.principals import Group
from secretctl.errors import ServiceError
from secretctl.model.shapes import Result
from secretctl.service.iam import entities
from secretctl.service.iam.entities import Find
from secretctl.service.session import Session
from secretctl.vault import principals
from secretctl.vault.view import View


def put_user_permissions_boundary(
    session: Session, *, user_name: str, permissions_boundary: str
) -> Result:
    """Bound what a user may do."""
    return _put(session, entities.user, user_name, permissions_boundary)


def put_role_permissions_boundary(
    session: Session, *, role_name: str, permissions_boundary: str
) -> Result:
    """Bound what a role may do."""
    return _put(session, entities.role, role_name, permissions_boundary)


def delete_user_permissions_boundary(session: Session, *, user_name: str) -> Result:
    """Bound a user no longer; there need not be a boundary."""
    return _put(session, entities.user, user_name, "")


def delete_role_permissions_boundary(session: Session, *, role_name: str) -> Result:
    """Bound a role no longer; there need not be a boundary."""
    return _put(session, entities.role, role_name, "")


def check(session: Session, view: View, boundary: str) -> None:
    """Refuse a boundary that is no managed policy of the account; none is fine.

    Raises:
        ServiceError: NoSuchEntity, ValidationError, InvalidInput.
    """
    if boundary and entities.managed(session, view, boundary) is None:
        raise ServiceError(
            "NoSuchEntity", f"Scope ARN: {boundary} does not exist or is not attachable."
        )


def _put(session: Session, find: Find, name: str, boundary: str) -> Result:
    with entities.changing(session) as transaction:
        before = find(session, transaction, name)
        check(session, transaction, boundary)
        assert not isinstance(before, Group), "groups have no boundary"
        if before.boundary != boundary:
            principals.put(transaction, before._replace(boundary=boundary))
    return {}
