"""What ``policy simulate`` asks of the vault: AWS's operation, answered in our own form."""

from __future__ import annotations

from secretctl.model.iam.simulation import OPERATIONS
from secretctl.model.shapes import Operation

_AWS = next(each for each in OPERATIONS if each.name == "SimulatePrincipalPolicy")
_MEMBERS = ("PolicySourceArn", "ActionNames", "ResourceArns", "ContextEntries")

SIMULATE = Operation(
    _AWS.name,
    "Decide what a user, group or role may do, by all policies that are in force.",
    "secretctl.service.iam.simulating:simulate",
    service=_AWS.service,
    input=tuple([member for member in _AWS.input if member.name in _MEMBERS]),
    read_only=True,
)
