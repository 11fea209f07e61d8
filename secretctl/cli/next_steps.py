"""What can be typed next after the service refused: AWS's sentence says what, not how to go on.

Only a person at a terminal is told; a script, and an SDK's user, get AWS's sentence alone.
"""

from __future__ import annotations

from secretctl.cli.carried import may_be_remote
from secretctl.context import Context
from secretctl.errors import ServiceError

_NOT_FOUND = "ResourceNotFoundException"
_LIST = "secretctl list-secrets --query 'SecretList[].Name'"
_STEPS = (
    (
        _NOT_FOUND,
        "Secrets Manager can't find the specified secret.",
        _LIST,
    ),
    (
        _NOT_FOUND,
        "Secrets Manager can't find the specified secret value",
        "secretctl list-secret-version-ids --secret-id NAME shows versions and labels",
    ),
    (
        "ResourceExistsException",
        "The operation failed because the secret ",
        "secretctl set NAME gives it another value",
    ),
    (
        "NoSuchEntity",
        "The user with name ",
        "secretctl iam list-users --query 'Users[].UserName'",
    ),
    (
        "NoSuchEntity",
        "The role with name ",
        "secretctl iam list-roles --query 'Roles[].RoleName'",
    ),
    (
        "NoSuchEntity",
        "The group with name ",
        "secretctl iam list-groups --query 'Groups[].GroupName'",
    ),
    (
        "NoSuchEntity",
        "Policy arn:",
        "secretctl iam list-policies --query 'Policies[].Arn'",
    ),
    (
        "NotFoundException",
        "Invalid keyId ",
        "secretctl kms list-aliases --query 'Aliases[].[AliasName,TargetKeyId]'",
    ),
    (
        "NotFoundException",
        "Alias ",
        "secretctl kms list-aliases --query 'Aliases[].[AliasName,TargetKeyId]'",
    ),
    (
        "InvalidRequestException",
        "You must provide either SecretString or SecretBinary.",
        "secretctl set NAME asks for the value",
    ),
    (
        "InvalidRequestException",
        "You can't perform this operation on the secret because it was marked for deletion.",
        "secretctl restore-secret --secret-id NAME takes the deletion back",
    ),
)
"""AWS's code, how the sentence begins, and the hint."""

_REFUSED = ("AccessDeniedException", "AccessDenied")
_EXPLAIN = "secretctl policy explain says why, and what would have to change"


_GIVES_OR_TAKES_VALUE = ("GetSecretValue", "PutSecretValue", "UpdateSecret")
_CREATE = "secretctl set --create NAME makes it"


def after(error: ServiceError, operation: str, context: Context) -> tuple[str, ...]:
    """Return the hints for *error*; none where nothing is known, or it says more by itself.

    Why an endpoint refuses stands in its journal, which is not here.

    Args:
        error: What was answered.
        operation: Wire name of what was called; empty if that is not known.
        context: Says whether an endpoint was asked.
    """
    if error.hints:
        return ()
    if error.code in _REFUSED:
        return () if may_be_remote(context) else (_EXPLAIN,)
    steps = [
        step
        for code, beginning, step in _STEPS
        if error.code == code and error.message.startswith(beginning)
    ]
    is_gone = _LIST in steps and operation in _GIVES_OR_TAKES_VALUE
    return (*steps, _CREATE) if is_gone else tuple(steps)
