"""The protocol of AWS's agent, to each parser."""

import json

import pytest

from tests.conftest import World
from tests.server.conftest import TOKEN
from tests.server.served import Served, create, serving, status_of

HEADER = b"X-Aws-Parameters-Secrets-Token: " + TOKEN + b"\r\n"
VALUE = "p\u00e4ss"


def ask(served: Served, path: str, headers: bytes = HEADER) -> tuple[int, bytes]:
    """Return status and body of the answer to a GET."""
    head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n".encode()
    answer = served.raw(head + headers + b"\r\n")
    return status_of(answer), answer.partition(b"\r\n\r\n")[2]


@pytest.mark.parametrize("is_by_path", [True, False])
def test_values_are_read_by_name_label_and_version(either: Served, *, is_by_path: bool) -> None:
    """By query and by path, names percent-encoded or not; the date is text as with the agent."""
    name = f"a/b+c-{is_by_path}"
    made = create(either.world, name, VALUE)
    encoded = name.replace("+", "%2B").replace("/", "%2f")
    places = (
        [f"/v1/{name}?", f"/v1/{encoded}?", f"/v1/{made['ARN']}?"]
        if is_by_path
        else [
            f"/secretsmanager/get?secretId={encoded}",
            f"/secretsmanager/get?secretId={made['ARN']}".replace("+", "%2B"),
        ]
    )
    for place in places:
        for more in (
            "",
            "&versionStage=AWSCURRENT",
            f"&versionId={made['VersionId']}",
            "&refreshNow=true",
            "&refreshNow=FALSE",
        ):
            status, body = ask(either, place + more)
            assert status == 200, body
            found = json.loads(body)
            assert found["SecretString"] == VALUE
            assert found["Name"] == name
            assert found["CreatedDate"] == "1700000000.123"


def test_either_header_brings_the_token(either: Served) -> None:
    """X-Vault-Token as well."""
    create(either.world, "vaulted", VALUE)
    assert ask(either, "/v1/vaulted", b"X-Vault-Token: " + TOKEN + b"\r\n")[0] == 200


@pytest.mark.parametrize(
    ("headers", "status", "sentence"),
    [
        (b"", 403, b"Bad Token"),
        (HEADER.replace(b"agent", b"agenT"), 403, b"Bad Token"),
        (HEADER.replace(TOKEN, b""), 403, b"Bad Token"),
        (HEADER.replace(TOKEN, b"\xff"), 403, b"Bad Token"),
        (HEADER + b"X-Vault-Token: another\r\n", 403, b"Bad Token"),
        (HEADER + b"X-Forwarded-For: 1.2.3.4\r\n", 400, b"Forwarded"),
        (HEADER + b"x-forwarded-for:\r\n", 400, b"Forwarded"),
        (HEADER + b"Forwarded: for=1.2.3.4\r\n", 400, b"Forwarded"),
        (HEADER + b"Via: 1.1 proxy\r\n", 400, b"Forwarded"),
        (HEADER + b"Origin: http://localhost\r\n", 403, b"requests of web pages are not served"),
    ],
)
def test_what_was_passed_on_or_has_no_token_is_refused(
    either: Served, headers: bytes, status: int, sentence: bytes
) -> None:
    """With the agent's status and words, for every path of it."""
    for path in ("/secretsmanager/get?secretId=a", "/v1/a", "/v1/"):
        assert ask(either, path, headers) == (status, sentence)


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/secretsmanager/get", b"missing parameter secretId"),
        ("/secretsmanager/get?secretId=", b"missing parameter secretId"),
        ("/v1/", b"missing secret ID"),
        ("/v1/a?secretId=b", b"unknown parameter"),
        ("/secretsmanager/get?secretId=a&hunter2=b", b"unknown parameter"),
        ("/secretsmanager/get?secretId=a&refreshNow=yes", b"invalid refreshNow value"),
        ("/secretsmanager/get?secretId=a&secretId=b", b"a parameter is given twice"),
        ("/secretsmanager/get?secretId=a&versionId=b&versionId=b", b"a parameter is given twice"),
        ("/v1/a?versionStage=b&versionStage=c", b"a parameter is given twice"),
        ("/secretsmanager/get?secretId=%ff", b"the query cannot be read"),
        ("/v1/%ff", b"the query cannot be read"),
    ],
)
def test_what_cannot_be_read_is_refused_and_not_repeated(
    either: Served, path: str, sentence: bytes
) -> None:
    """Status 400 and a static sentence."""
    assert ask(either, path) == (400, sentence)


def test_errors_are_those_of_the_service(either: Served) -> None:
    """With a lower-case message, as the agent writes them."""
    status, body = ask(either, "/v1/missing")
    assert status == 400
    assert json.loads(body) == {
        "__type": "ResourceNotFoundException",
        "message": "Secrets Manager can't find the specified secret.",
    }


def test_without_a_token_there_is_no_such_path(world: World) -> None:
    """It is served where it was asked for alone; so are metrics."""
    with serving(world) as served:
        for path in ("/v1/a", "/secretsmanager/get?secretId=a", "/metrics", "/nothing"):
            assert ask(served, path) == (404, b"there is nothing here")
        assert ask(served, "/ready") == (200, b"ready")
