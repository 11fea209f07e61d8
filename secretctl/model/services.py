"""The services beside Secrets Manager, whose operations stand behind the service's name.

A start pays only for the declarations it uses: they are imported when they are asked for.
"""

from __future__ import annotations

from collections.abc import Mapping

from secretctl.model.shapes import Operation

SERVICES: Mapping[str, str] = {
    "iam": "Users, groups and roles, their policies and access keys.",
    "kms": "Keys that secrets are encrypted under, their aliases and grants.",
    "sts": "Who you are, and credentials of a role.",
}
"""What each is for, in a line of help."""


def operations_of(service: str) -> Mapping[str, Operation]:
    """Return the operations of one of `SERVICES` by their name on the command line."""
    module = __import__(f"secretctl.model.{service}", fromlist=["BY_COMMAND"])
    operations: Mapping[str, Operation] = module.BY_COMMAND
    return operations
