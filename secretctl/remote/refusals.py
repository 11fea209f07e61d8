"""What an answer refuses: AWS's error, and what to think of it."""

from __future__ import annotations

from http.client import responses

from secretctl import json_text
from secretctl.errors import EndpointError, ServiceError
from secretctl.remote.connection import Answer

_OK = 200
_FIRST_REDIRECT = 300
_FIRST_REFUSAL = 400
_PASSING_STATUS = (500, 502, 503, 504)
_PASSING = (
    *("RequestTimeout", "RequestTimeoutException", "PriorRequestNotComplete"),
    *("Throttling", "ThrottlingException", "ThrottledException", "RequestThrottledException"),
    *("RequestThrottled", "TooManyRequestsException", "ProvisionedThroughputExceededException"),
    *("TransactionInProgressException", "RequestLimitExceeded", "BandwidthLimitExceeded"),
    *("LimitExceededException", "SlowDown", "EC2ThrottledException"),
)
"""Codes of errors that botocore's standard mode takes to be over in a moment."""

_OF_THE_CALLER = (
    *("UnrecognizedClientException", "InvalidClientTokenId", "ExpiredTokenException"),
    *("InvalidSignatureException", "SignatureDoesNotMatch", "IncompleteSignatureException"),
    *("MissingAuthenticationTokenException", "MissingAuthenticationToken", "RequestExpired"),
)
_LONGEST_CODE, _LONGEST_MESSAGE = 128, 4096


def refusal(answer: Answer) -> ServiceError | None:
    """Return the error that an answer is, with AWS's words; None for one that is none.

    Of what is not JSON only the status is told: whatever it says, it is no word of the service.

    Raises:
        EndpointError: It points elsewhere, which is not followed: the signature is for this place;
            or it has another status than answers have.
    """
    if answer.status == _OK:
        return None
    if answer.status < _FIRST_REDIRECT:
        raise EndpointError(
            f"the endpoint answers with status {answer.status}, as Secrets Manager never does",
            "compare the URL: --endpoint-url URL",
            is_passing=False,
        )
    if answer.status < _FIRST_REFUSAL:
        raise EndpointError(
            f"the endpoint answers with a redirect ({answer.status}), which is not followed",
            "give the URL it leads to: --endpoint-url URL",
            is_passing=False,
        )
    said = _members(answer.body)
    code = _code(said.get("__type")) or str(answer.status)
    message = said.get("message", said.get("Message"))
    if not isinstance(message, str):
        message = responses.get(answer.status, "") if code == str(answer.status) else ""
    # In one line: one of its own could look like one of ours.
    return ServiceError(code, " ".join(message[:_LONGEST_MESSAGE].splitlines()))


def is_passing(answer: Answer, error: ServiceError) -> bool:
    """Tell whether to ask again may help."""
    return answer.status in _PASSING_STATUS or error.code in _PASSING


def is_of_the_caller(error: ServiceError) -> bool:
    """Tell whether any other request of the same caller would be refused likewise."""
    return error.code in _OF_THE_CALLER


def _members(body: bytes) -> dict[str, object]:
    try:
        found = json_text.read(body.decode())
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _code(text: object) -> str:
    """Return the code in ``__type``, which may stand behind a namespace and before a URL."""
    if not isinstance(text, str):
        return ""
    code = text.partition(":")[0].rpartition("#")[2]
    is_code = code.isascii() and code.replace(".", "").isalnum() and len(code) <= _LONGEST_CODE
    return code if is_code else ""
