"""A request in the one form that both sides hash.

See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from secretctl.sigv4.percent import decode, encode, encode_path

SIGNATURE = "X-Amz-Signature"
"""The one parameter of a query that its own signature does not cover."""


def canonical_request(method: str, path: str, query: str, headers: str, payload_sha256: str) -> str:
    """Return the text whose hash is signed.

    Args:
        method: Of HTTP.
        path: As on the wire.
        query: As `canonical_query` returns it.
        headers: As `canonical_headers` returns them.
        payload_sha256: Lower-case hexadecimal, or what takes its place.
    """
    return f"{method}\n{canonical_path(path)}\n{query}\n{headers}\n{payload_sha256}"


def canonical_path(path: str) -> str:
    """Return *path* without ``.``, ``..`` and empty segments, percent-encoded once more.

    So it is for every service but S3 (RFC 3986, section 5.2.4, and slashes in a row are one).
    """
    if path == "/":
        return path
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in ("", "."):
            kept.append(segment)
    last = "/" if path.endswith("/") and kept else ""
    return encode_path(f"/{'/'.join(kept)}{last}")


def parameters(query: str) -> list[tuple[str, str]]:
    """Return names and values of a query, decoded, in their order; a plus is a plus."""
    pairs = [each.partition("=") for each in query.split("&") if each]
    return [(decode(name), decode(value)) for name, _, value in pairs]


def canonical_query(pairs: Iterable[tuple[str, str]]) -> str:
    """Return decoded *pairs* as a query, sorted by encoded name and value."""
    encoded = sorted([(encode(name), encode(value)) for name, value in pairs])
    return "&".join([f"{name}={value}" for name, value in encoded])


def folded(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the value of each header by its lower-case name.

    Values of one name are joined by commas, in their order; white space in a row is one blank.
    """
    values: dict[str, str] = {}
    for name, value in headers:
        key, trimmed = name.lower(), " ".join(value.split())
        values[key] = f"{values[key]},{trimmed}" if key in values else trimmed
    return values


def canonical_headers(names: Sequence[str], values: Mapping[str, str]) -> str:
    """Return the headers of those *names*, an empty line and the names.

    Args:
        names: Lower-case, sorted.
        values: As `folded` returns them; a header that is not there is empty.
    """
    lines = "".join([f"{name}:{values.get(name, '')}\n" for name in names])
    return f"{lines}\n{';'.join(names)}"
