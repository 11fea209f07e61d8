"""Calling: signed as botocore signs, tried again when that may help, refused in AWS's words."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.retries import standard

from secretctl.errors import EndpointError, SecretctlError, ServiceError
from secretctl.model.operations import BY_NAME
from secretctl.remote import calling, refusals
from secretctl.remote.address import parse
from secretctl.remote.calling import Remote
from secretctl.remote.connection import Connection, Reach
from secretctl.sigv4.signing import Credential
from tests.conftest import START_MS, World
from tests.remote import peers
from tests.remote.peers import Canned, Peer, Seen

KEY, SECRET, TOKEN = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "a/token+="
READ = BY_NAME["GetSecretValue"]
VALUE = Canned(200, b'{"SecretString": "v"}')
BROKEN = Canned(500, b"")
THROTTLED = peers.refused("ThrottlingException", "Rate exceeded")
FOLDED = "a secretctl: note: b  c"
AFTER = " (reached max retries: 2)"


class Pauses(list[float]):
    """What was waited for."""


@contextmanager
def remote(peer: Peer, world: World, *, is_signed: bool = True) -> Iterator[tuple[Remote, Pauses]]:
    """Reach *peer*; pauses are noted, not waited for."""
    pauses = Pauses()
    address = parse(peer.url + "/base", may_be_plain=False)
    credential = Credential(KEY, SECRET, TOKEN) if is_signed else None
    connection = Connection(address, Reach(connect_s=5, read_s=5))
    made = Remote(connection, "eu-west-1", credential, world.context, pauses.append)
    try:
        yield made, pauses
    finally:
        made.close()


def read(peer: Peer, world: World) -> tuple[object, Pauses]:
    """Read a secret at *peer*; return what came back or was raised, and what was waited for."""
    with remote(peer, world) as (there, pauses):
        try:
            return calling.call(there, READ, {"SecretId": "a"}), pauses
        except SecretctlError as error:
            return error, pauses


def signed_by_botocore(seen: Seen, url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the header ``Authorization`` that botocore gives the same request."""
    moment = dt.datetime.fromtimestamp(START_MS // 1000, dt.UTC)
    monkeypatch.setattr(
        botocore.auth, "get_current_datetime", lambda **_: moment.replace(tzinfo=None)
    )
    headers = {name: seen.headers[name] for name in ("content-type", "x-amz-target")}
    request = AWSRequest("POST", url + seen.path, headers, seen.body)
    signer = botocore.auth.SigV4Auth(Credentials(KEY, SECRET, TOKEN), "secretsmanager", "eu-west-1")
    signer.add_auth(request)
    return str(request.headers["Authorization"])


def test_a_request_is_signed_as_botocore_signs_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Host, content type, date, target and token are signed; one connection serves many."""
    with peers.saying(VALUE) as peer, remote(peer, world) as (there, _):
        for _ in range(3):
            assert calling.call(there, READ, {"SecretId": "a"}) == {"SecretString": "v"}
        seen = peer.seen[0]
        assert seen.headers["authorization"] == signed_by_botocore(seen, peer.url, monkeypatch)
        assert (seen.path, seen.headers["x-amz-security-token"]) == ("/base", TOKEN)
        assert len({each.port for each in peer.seen}) == 1


def test_a_request_that_is_not_to_be_signed_is_not(world: World) -> None:
    """Without a credential nothing says who asks."""
    with peers.saying(VALUE) as peer, remote(peer, world, is_signed=False) as (there, _):
        calling.call(there, READ, {"SecretId": "a"})
        assert "authorization" not in peer.seen[0].headers


@pytest.mark.parametrize(
    ("answers", "tries"),
    [
        ([BROKEN, VALUE], 2),
        ([Canned(503, b"<html>"), THROTTLED, VALUE], 3),
        ([Canned(502), VALUE], 2),
        ([Canned(504), VALUE], 2),
        ([peers.refused("RequestTimeout"), VALUE], 2),
    ],
)
def test_what_may_be_over_in_a_moment_is_tried_again(
    answers: list[Canned], tries: int, world: World
) -> None:
    """Errors of a server and throttling are; the pauses are drawn, and may double."""
    with peers.saying(*answers) as peer:
        result, pauses = read(peer, world)
        assert result == {"SecretString": "v"}
        assert len(peer.seen) == tries
        assert len(pauses) == tries - 1
        limits = zip(pauses, (1, 2), strict=False)
        assert all(0 <= pause <= limit for pause, limit in limits)


def test_what_may_be_over_in_a_moment_is_what_botocore_takes_for_it() -> None:
    """The codes and the statuses of its standard mode, and no others."""
    transient, throttled = standard.TransientRetryableChecker, standard.ThrottledRetryableChecker
    known = (*transient._TRANSIENT_ERROR_CODES, *throttled._THROTTLED_ERROR_CODES)
    assert set(refusals._PASSING) == set(known)
    assert set(refusals._PASSING_STATUS) == set(transient._TRANSIENT_STATUS_CODES)
    assert calling._MOST_TRIES == standard.DEFAULT_MAX_ATTEMPTS
    assert standard.ExponentialBackoff()._max_backoff == calling._LONGEST_PAUSE_S


@pytest.mark.parametrize(
    ("answer", "tries", "code", "message", "after"),
    [
        (BROKEN, 3, "500", "Internal Server Error", AFTER),
        (Canned(503, b"<html>secret</html>"), 3, "503", "Service Unavailable", AFTER),
        (THROTTLED, 3, "ThrottlingException", "Rate exceeded", AFTER),
        (peers.refused("InternalServiceError", "x", 500), 3, "InternalServiceError", "x", AFTER),
        (
            peers.refused("ResourceNotFoundException", "No."),
            1,
            "ResourceNotFoundException",
            "No.",
            "",
        ),
        (Canned(403, b"<Error/>"), 1, "403", "Forbidden", ""),
        (Canned(400, b'{"__type": "a.b#X:http://c/", "message": "m"}'), 1, "X", "m", ""),
        (Canned(400, b'{"__type": "not a code", "message": 7}'), 1, "400", "Bad Request", ""),
        (Canned(400, b"[]"), 1, "400", "Bad Request", ""),
        (peers.refused("X", "a\nsecretctl: note: b\r\n\u2028c"), 1, "X", FOLDED, ""),
        (Canned(501, b"\xff"), 1, "501", "Not Implemented", ""),
    ],
)
def test_what_is_refused_has_the_words_of_the_service(
    answer: Canned, tries: int, code: str, message: str, after: str, world: World
) -> None:
    """Code and sentence as they came; of what is not JSON the status alone."""
    with peers.saying(answer) as peer:
        error, pauses = read(peer, world)
        assert isinstance(error, ServiceError)
        assert (error.code, error.message, error.after) == (code, message, after)
        assert (len(peer.seen), len(pauses)) == (tries, tries - 1)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(status: int, world: World) -> None:
    """It is told, and nothing goes where it points."""
    elsewhere = (("Location", "http://127.0.0.1:1/"),)
    with peers.saying(Canned(status, b"", elsewhere), VALUE) as peer:
        error, _ = read(peer, world)
        assert isinstance(error, EndpointError)
        assert f"redirect ({status})" in error.message
        assert len(peer.seen) == 1


@pytest.mark.parametrize("status", [201, 202, 204, 206])
def test_a_status_that_no_answer_has_is_told(status: int, world: World) -> None:
    """It is no redirect, and whatever comes with it is not taken for a value."""
    with peers.saying(Canned(status, b"" if status == 204 else VALUE.body)) as peer:
        error, _ = read(peer, world)
        assert isinstance(error, EndpointError)
        assert error.message.startswith(f"the endpoint answers with status {status}, as")
        assert len(peer.seen) == 1


@pytest.mark.parametrize("body", [b"<html>hunter2</html>", b'{"SecretString": ["hunter2"]}'])
def test_garbage_is_no_answer_and_is_not_repeated(body: bytes, world: World) -> None:
    """Whoever answers with something else is told of, and nothing of what it said."""
    with peers.saying(Canned(200, body)) as peer:
        error, _ = read(peer, world)
        assert isinstance(error, EndpointError)
        assert "no answer of Secrets Manager" in error.message
        assert "hunter2" not in f"{error.message}{error.hints}"
        assert len(peer.seen) == 1


def test_several_reads_share_a_connection_and_each_has_its_answer(world: World) -> None:
    """What one is refused keeps none of the others back."""
    refused = peers.refused("ResourceNotFoundException", "No.")
    with peers.saying(VALUE, refused, VALUE) as peer, remote(peer, world) as (there, _):
        first, second, third = calling.read_all(there, [{"SecretId": each} for each in "abc"])
        assert first == third == {"SecretString": "v"}
        assert isinstance(second, ServiceError)
        assert len({each.port for each in peer.seen}) == 1


def test_a_credential_that_is_good_for_nothing_ends_it_all(world: World) -> None:
    """Nobody is asked as often as there are secrets whether the signature is wrong."""
    with peers.saying(peers.refused("UnrecognizedClientException", "Bad.")) as peer:
        with remote(peer, world) as (there, _), pytest.raises(ServiceError, match="Bad"):
            calling.read_all(there, [{"SecretId": each} for each in "abc"])
        assert len(peer.seen) == 1
