"""What ``policy apply`` does, as operations: AWS's, but the file stays as it lies there."""

from __future__ import annotations

from secretctl.model import types as t
from secretctl.model.iam import members as m
from secretctl.model.shapes import Member, Operation

PUT_IN_FORCE = Operation(
    "CreatePolicyVersion",
    "Put the file of a managed policy in force, as a version more.",
    "secretctl.service.iam.applying:put_in_force",
    service="iam",
    input=(
        m.POLICY_NAME,
        m.POLICY_DOCUMENT,
        Member("DropOldest", t.BOOLEAN, "Where there are five versions, drop the oldest."),
    ),
)
ADOPT = Operation(
    "CreatePolicy",
    "Make a managed policy of a file that lies in the vault's directory.",
    "secretctl.service.iam.applying:adopt",
    service="iam",
    input=(m.POLICY_NAME, m.POLICY_DOCUMENT),
)
