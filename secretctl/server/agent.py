"""The protocol of AWS's Secrets Manager Agent: values by GET, with a token against SSRF.

A program that is tricked into fetching an address (server-side request forgery) can seldom add a
header, and a proxy that passes the request on adds one that gives it away.
See: https://docs.aws.amazon.com/secretsmanager/latest/userguide/secrets-manager-agent.html
"""

from __future__ import annotations

from hmac import compare_digest
from urllib.parse import parse_qsl, unquote

from secretctl import json_text
from secretctl.errors import ServiceError
from secretctl.model.timestamps import milliseconds
from secretctl.server.framing import RefusedError
from secretctl.server.guarding import Headers, check_method
from secretctl.server.protocol import Answer, Parameters, Result, answer, failure

QUERY_PATH = "/secretsmanager/get"
PREFIX = "/v1/"
TOKEN_VARIABLES = ("AWS_TOKEN", "AWS_SESSION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN")
"""Where AWS's agent looks for its token, the first that is set."""

_HEADERS = (b"x-aws-parameters-secrets-token", b"x-vault-token")
_MEMBERS = {"versionId": "VersionId", "versionStage": "VersionStage"}
_SWITCHES = ("true", "false", "1", "0")


def is_path(path: bytes) -> bool:
    """Tell whether a path, as on the wire, is one of the agent's."""
    return path == QUERY_PATH.encode() or path.startswith(PREFIX.encode())


def check(method: str, headers: Headers, token: bytes) -> None:
    """Refuse a request that was passed on, or does not know the token.

    Raises:
        RefusedError: With the agent's status and sentence.
    """
    if b"x-forwarded-for" in headers or b"forwarded" in headers or b"via" in headers:
        raise RefusedError(400, "Forwarded")
    given = [headers[name] for name in _HEADERS if name in headers]
    if not given or not all(compare_digest(each, token) for each in given):
        raise RefusedError(403, "Bad Token")
    check_method(method, ("GET",))


def parameters_of(path: bytes, query: bytes) -> Parameters:
    """Return the parameters of GetSecretValue for a path and a query, as on the wire.

    ``refreshNow`` changes nothing: what is answered is never from a cache.

    Raises:
        RefusedError: With the agent's status; what cannot be read is not repeated.
    """
    try:
        given = parse_qsl(query.decode(), keep_blank_values=True, errors="strict")
        named = "" if path == QUERY_PATH.encode() else unquote(path.decode(), errors="strict")
    except ValueError:
        raise RefusedError(400, "the query cannot be read") from None
    found: Parameters = {"SecretId": named.removeprefix(PREFIX)} if named else {}
    if len(dict(given)) != len(given):  # another reader of the query would take the other one
        raise RefusedError(400, "a parameter is given twice")
    for name, value in given:
        if name == "refreshNow" and value.lower() not in _SWITCHES:
            raise RefusedError(400, "invalid refreshNow value")
        if name == "secretId" and not named:
            found["SecretId"] = value
        elif name in _MEMBERS:
            found[_MEMBERS[name]] = value
        elif name != "refreshNow":
            raise RefusedError(400, "unknown parameter")
    if not found.get("SecretId"):
        raise RefusedError(400, "missing secret ID" if named else "missing parameter secretId")
    return found


def answered(result: Result) -> Answer:
    """Return the response; the agent writes its one date as text."""
    created = milliseconds(result["CreatedDate"])
    return answer({**result, "CreatedDate": f"{created // 1000}.{created % 1000:03d}"})


def refused(error: ServiceError) -> Answer:
    """Return the response for an error; all of the agent's have a ``message``."""
    body = json_text.compact({"__type": error.code, "message": error.message})
    return failure(error)._replace(body=body.encode())
