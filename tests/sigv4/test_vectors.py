"""AWS's published vectors of Signature Version 4, in headers and in addresses."""

from collections.abc import Iterable
from hashlib import sha256

import pytest

from secretctl.sigv4.canonical import (
    canonical_headers,
    canonical_query,
    canonical_request,
    folded,
    parameters,
)
from secretctl.sigv4.keys import string_to_sign
from secretctl.sigv4.request import Request
from secretctl.sigv4.signing import presign, sign
from tests.sigv4.published import CONTENT, NAMES, Vector, parsed, vector

OF_THE_SIGNATURE = {"authorization"}


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
