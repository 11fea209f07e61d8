"""What the tests of operations share: refusals as pairs of code and sentence."""

from collections.abc import Callable

import pytest

from secretctl.errors import ServiceError
from tests.conftest import Service

Refused = Callable[..., tuple[str, str]]
NOT_FOUND = (
    "ResourceNotFoundException",
    "Secrets Manager can't find the specified secret.",
)
MARKED = (
    "InvalidRequestException",
    "You can't perform this operation on the secret because it was marked for deletion.",
)
BAD_NAME = (
    "ValidationException",
    "Invalid name. Must be a valid name containing alphanumeric characters, or any of the "
    "following: -/_+=.@!",
)
ON_REPLICA = (
    "InvalidParameterException",
    "Operation not permitted on a replica secret. Call must be made in primary secret's region.",
)
FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:rotate"


def refusal(of: Service, operation: str, **parameters: object) -> tuple[str, str]:
    """Return code and sentence of the error that an operation answers."""
    with pytest.raises(ServiceError) as caught:
        of(operation, **parameters)
    return caught.value.code, caught.value.message


def entries(answer: dict[str, object], member: str) -> list[dict[str, object]]:
    """Return a member that is a list of structures."""
    found = answer[member]
    assert isinstance(found, list)
    return found


def stages(of: Service, secret_id: str = "a") -> dict[str, list[str]]:
    """Return the labels of each labelled version."""
    found = of("DescribeSecret", SecretId=secret_id).get("VersionIdsToStages", {})
    assert isinstance(found, dict)
    return found
