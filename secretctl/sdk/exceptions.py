"""What a client raises: boto3's exceptions, by their names.

``except`` goes by descent, and code that was written for boto3 names botocore's exceptions. So
where botocore is installed these descend from its own; where it is not, nobody can name those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from secretctl.errors import SecretctlError

if TYPE_CHECKING:
    from builtins import Exception as _ClientError
    from builtins import Exception as _OperationNotPageableError
    from builtins import Exception as _PaginationError
    from builtins import Exception as _ParamValidationError
else:
    try:
        from botocore.exceptions import ClientError as _ClientError
        from botocore.exceptions import OperationNotPageableError as _OperationNotPageableError
        from botocore.exceptions import PaginationError as _PaginationError
        from botocore.exceptions import ParamValidationError as _ParamValidationError
    except ImportError:
        _ClientError = _OperationNotPageableError = Exception
        _PaginationError = _ParamValidationError = Exception


class ClientError(_ClientError):
    """An operation was refused."""

    response: dict[str, Any]
    """``Error`` with ``Code`` and ``Message``, and ``ResponseMetadata`` with ``RequestId`` and
    ``HTTPStatusCode``; the ``Message`` beside them too, if the error is one the API declares."""

    operation_name: str
    """``GetSecretValue``."""

    def __init__(self, error_response: dict[str, Any], operation_name: str) -> None:
        error = error_response.get("Error", {})
        code, message = error.get("Code", "Unknown"), error.get("Message", "Unknown")
        Exception.__init__(
            self,
            f"An error occurred ({code}) when calling the {operation_name} operation: {message}",
        )
        self.response = error_response
        self.operation_name = operation_name

    def __reduce__(self) -> tuple[type[ClientError], tuple[dict[str, Any], str]]:
        """Make it possible to pass the error to another process."""
        return type(self), (self.response, self.operation_name)


class DecryptionFailure(ClientError):
    """A value cannot be decrypted."""


class EncryptionFailure(ClientError):
    """A value cannot be encrypted."""


class InternalServiceError(ClientError):
    """The service failed."""


class InvalidNextTokenException(ClientError):
    """A NextToken is none, or another request's."""


class InvalidParameterException(ClientError):
    """A parameter has a value that is not allowed."""


class InvalidRequestException(ClientError):
    """A parameter does not fit how the secret stands."""


class LimitExceededException(ClientError):
    """There would be more than is allowed."""


class MalformedPolicyDocumentException(ClientError):
    """A resource policy breaks the rules of policies."""


class PreconditionNotMetException(ClientError):
    """Something that had to be done before was not."""


class PublicPolicyException(ClientError):
    """A resource policy would let everybody in."""


class ResourceExistsException(ClientError):
    """There is a secret of that name, or a version of that id."""


class ResourceNotFoundException(ClientError):
    """There is no such secret, or no such version."""


class _Worded:
    """What is made of words by name."""

    kwargs: dict[str, str]

    def __reduce__(self) -> tuple[Callable[..., object], tuple[type, dict[str, str]]]:
        """Make it possible to pass the error to another process."""
        return _worded, (type(self), self.kwargs)


def _worded(kind: type, words: dict[str, str]) -> object:
    return kind(**words)


class OperationNotPageableError(_Worded, _OperationNotPageableError):
    """A paginator was asked for, and the operation has none."""

    def __init__(self, operation_name: str) -> None:
        Exception.__init__(self, f"Operation cannot be paginated: {operation_name}")
        self.kwargs = {"operation_name": operation_name}


class PaginationError(_Worded, _PaginationError):
    """A list does not come to an end."""

    def __init__(self, message: str) -> None:
        Exception.__init__(self, f"Error during pagination: {message}")
        self.kwargs = {"message": message}


class ParamValidationError(_Worded, _ParamValidationError):
    """Parameters are missing, unknown or of a wrong type; nothing was called."""

    def __init__(self, report: str) -> None:
        Exception.__init__(self, f"Parameter validation failed:\n{report}")
        self.kwargs = {"report": report}


DECLARED: Mapping[str, type[ClientError]] = {
    each.__name__: each
    for each in (
        *(DecryptionFailure, EncryptionFailure, InternalServiceError, InvalidNextTokenException),
        *(InvalidParameterException, InvalidRequestException, LimitExceededException),
        *(MalformedPolicyDocumentException, PreconditionNotMetException, PublicPolicyException),
        *(ResourceExistsException, ResourceNotFoundException),
    )
}
"""The errors that the API declares, by their codes; all others are plain `ClientError`."""


@contextmanager
def hinting() -> Iterator[None]:
    """Let a traceback show the hints of our own errors, which the command line writes."""
    try:
        yield
    except SecretctlError as error:
        for hint in error.hints:
            error.add_note(f"hint: {hint}")
        raise
