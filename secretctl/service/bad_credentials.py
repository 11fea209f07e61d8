"""What a service of AWS says of a credential that is good for nothing.

STS and IAM have other codes for it than the services that speak JSON; the sentences are the same.
See: https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
See: https://docs.aws.amazon.com/secretsmanager/latest/apireference/CommonErrors.html
"""

from __future__ import annotations

from secretctl.errors import ServiceError

EXPIRED, UNKNOWN, WRONG_SECRET = "expired", "unknown", "wrong secret"
_SENTENCES = {
    EXPIRED: "The security token included in the request is expired",
    UNKNOWN: "The security token included in the request is invalid.",
    WRONG_SECRET: (
        "The request signature we calculated does not match the signature you provided. Check your "
        "AWS Secret Access Key and signing method. Consult the service documentation for details."
    ),
}
_CODES = {
    EXPIRED: "ExpiredTokenException",
    UNKNOWN: "UnrecognizedClientException",
    WRONG_SECRET: "InvalidSignatureException",
}
_CODES_OF_QUERY = {
    EXPIRED: "ExpiredToken",
    UNKNOWN: "InvalidClientTokenId",
    WRONG_SECRET: "SignatureDoesNotMatch",
}
_QUERY = ("iam", "sts")


def refusal(fault: str, service: str) -> ServiceError:
    """Return the error for a credential.

    Args:
        fault: `EXPIRED`, `UNKNOWN` or `WRONG_SECRET`.
        service: Name of the service that was asked, as in ARNs.
    """
    codes = _CODES_OF_QUERY if service in _QUERY else _CODES
    return ServiceError(codes[fault], _SENTENCES[fault])
