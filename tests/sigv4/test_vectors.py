"""AWS's published vectors of Signature Version 4, in headers and in addresses."""

from collections.abc import Iterable
from hashlib import sha256

import pytest

from secretctl.errors import ServiceError
from secretctl.sigv4.canonical import (
    canonical_headers,
    canonical_query,
    canonical_request,
    folded,
    parameters,
)
from secretctl.sigv4.claims import claim
from secretctl.sigv4.keys import SigningKey, string_to_sign
from secretctl.sigv4.request import Request
from secretctl.sigv4.signing import sign
from secretctl.sigv4.verifying import verify
from tests.sigv4.presigning import presign
from tests.sigv4.published import CONTENT, NAMES, Vector, parsed, vector

OF_THE_SIGNATURE = {"authorization"}
MOMENT_S = 1_440_938_160
"""30 August 2015, 12:36:00."""

UNSIGNED = {"header-signed-request": "must be a 'SignedHeader'", "query-signed-request": "does not"}
"""How a session token is refused that was added after signing."""

FORMS = list(UNSIGNED)


def test_the_vectors_are_there() -> None:
    """None was lost: a test over no vectors would pass."""
    assert len(NAMES) == 31


@pytest.mark.parametrize("name", NAMES)
def test_a_signed_header_form_is_hashed_and_signed_as_published(name: str) -> None:
    """Canonical request, string to sign and signature of the header form are AWS's."""
    given = vector(name)
    request = parsed(given.text("header-signed-request"))
    names = signed_names(request, given)
    canonical = canonical_of(request, names)
    assert canonical == given.text("header-canonical-request")
    assert string_to_sign(given.scope, canonical) == given.text("header-string-to-sign")
    signature = given.credential().key.signature(given.scope, canonical)
    assert signature == given.text("header-signature")


@pytest.mark.parametrize("name", NAMES)
def test_signing_adds_the_published_headers(name: str) -> None:
    """What signing adds makes the published request."""
    given = vector(name)
    request = given.request
    published = parsed(given.text("header-signed-request"))
    if CONTENT in folded(published.headers):
        added = (CONTENT, sha256(request.body).hexdigest())
        request = request._replace(headers=(*request.headers, added))
    whole = [*request.headers, *sign(request, given.credential(), given.scope)]
    if not given.signs_token:
        whole.append(("X-Amz-Security-Token", given.token))
    assert folded(whole) == folded(published.headers)


@pytest.mark.parametrize("name", NAMES)
def test_presigning_makes_the_published_address(name: str) -> None:
    """The query of the presigned form has the published parameters and signature."""
    given = vector(name)
    query = presign(given.request, given.credential(), given.scope, given.expires_s)
    made = parameters(query)
    if not given.signs_token:
        made.append(("X-Amz-Security-Token", given.token))
    published = parsed(given.text("query-signed-request"))
    assert sorted(made) == sorted(parameters(published.query))
    assert query.endswith(f"&X-Amz-Signature={given.text('query-signature')}")
    signed = [pair for pair in parameters(query) if pair[0] != "X-Amz-Signature"]
    assert canonical_query(signed) == given.text("query-canonical-request").split("\n")[2]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", NAMES)
def test_a_published_request_is_verified(name: str, form: str) -> None:
    """Both published forms hold with their secret, and none with another."""
    given = vector(name)
    request = parsed(given.text(form))
    now_ms = MOMENT_S * 1000
    if not given.signs_token:
        with pytest.raises(ServiceError, match=UNSIGNED[form]):
            verify(request, claim(request), SigningKey(given.secret), now_ms, "service")
        return
    found = claim(request)
    assert (found.key_id, found.session_token) == ("AKIDEXAMPLE", given.token)
    assert (found.scope, found.time_s) == (given.scope, MOMENT_S)
    verify(request, found, SigningKey(given.secret), now_ms, "service")
    with pytest.raises(ServiceError, match="does not match") as refused:
        verify(request, found, SigningKey(given.secret.lower()), now_ms, "service")
    assert refused.value.code == "InvalidSignatureException"


def canonical_of(request: Request, names: Iterable[str]) -> str:
    """Return the canonical request of a signed header form."""
    headers = canonical_headers(sorted(names), folded(request.headers))
    query = canonical_query(parameters(request.query))
    body = sha256(request.body).hexdigest()
    return canonical_request(request.method, request.path, query, headers, body)


def signed_names(request: Request, given: Vector) -> set[str]:
    """Return the names of the headers that a published request has signed."""
    without = OF_THE_SIGNATURE | (set() if given.signs_token else {"x-amz-security-token"})
    return set(folded(request.headers)) - without
