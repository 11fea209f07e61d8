"""The client that ``secretctl.client`` gives to programs in Python, and what it raises."""

from secretctl.sdk.exceptions import (
    ClientError,
    OperationNotPageableError,
    PaginationError,
    ParamValidationError,
)
from secretctl.sdk.secretsmanager import SecretsManager

__all__ = [
    "ClientError",
    "OperationNotPageableError",
    "PaginationError",
    "ParamValidationError",
    "SecretsManager",
]
