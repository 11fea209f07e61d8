"""The operations of IAM, in alphabetical order; spelled as on the wire, API version 2010-05-08.

Those about users, groups, roles, their policies and access keys. A test compares them with the
published service model, and lists what differs and why.
See: https://docs.aws.amazon.com/IAM/latest/APIReference/
"""

from __future__ import annotations

from secretctl.model.iam import (
    access_keys,
    attachments,
    boundaries,
    groups,
    inline,
    policies,
    roles,
    simulation,
    users,
)
from secretctl.model.shapes import Operation, kebab

_FAMILIES: tuple[tuple[Operation, ...], ...] = (
    *(users.OPERATIONS, groups.OPERATIONS, roles.OPERATIONS, policies.OPERATIONS),
    *(inline.OPERATIONS, attachments.OPERATIONS, boundaries.OPERATIONS),
    *(access_keys.OPERATIONS, simulation.OPERATIONS),
)

OPERATIONS = tuple(
    sorted((each for family in _FAMILIES for each in family), key=lambda each: each.name)
)

BY_NAME = {operation.name: operation for operation in OPERATIONS}
"""Operations by their name on the wire."""

BY_COMMAND = {kebab(operation.name): operation for operation in OPERATIONS}
"""Operations by their name on the command line, behind ``iam``."""
