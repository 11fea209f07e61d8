"""The operations of KMS, in alphabetical order; spelled as on the wire, API version 2014-11-01.

Those about keys, aliases and grants. A test compares them with the published service model, and
lists what differs and why.
See: https://docs.aws.amazon.com/kms/latest/APIReference/
"""

from __future__ import annotations

from secretctl.model.kms import aliases, grants, keys
from secretctl.model.shapes import Operation, kebab

_FAMILIES: tuple[tuple[Operation, ...], ...] = (
    keys.OPERATIONS,
    aliases.OPERATIONS,
    grants.OPERATIONS,
)

OPERATIONS = tuple(
    sorted((each for family in _FAMILIES for each in family), key=lambda each: each.name)
)

BY_NAME = {operation.name: operation for operation in OPERATIONS}
"""Operations by their name on the wire."""

BY_COMMAND = {kebab(operation.name): operation for operation in OPERATIONS}
"""Operations by their name on the command line, behind ``kms``."""
