"""``builtin/http-api-key``: keys of a provider, which is a real server that keeps them."""

import json
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from secretctl.rotation import versions
from secretctl.rotation.http_api_key import prepared
from secretctl.rotation.registry import BUILTIN, Registered
from secretctl.rotation.steps import RotationError
from tests.cli.machine import Machine
from tests.conftest import World
from tests.remote.peers import certified
from tests.rotation.conftest import SECRET, Own, Rotator
from tests.rotation.provider import Provider, replying, serving
from tests.service.conftest import Told

BEARER = {"Authorization": "Bearer {key}"}


def settings_of(url: str) -> dict[str, Any]:
    """Return the settings that fit a provider."""
    return {
        "create": {
            "url": f"{url}/keys",
            "headers": {**BEARER, "Idempotency-Key": "{token}"},
            "json": {"name": ["app-{token}"], "days": 30},
            "key": "/data/0/secret",
            "id": "/data/0/id",
        },
        "test": {"url": f"{url}/me?of={{id}}", "headers": BEARER},
        "delete": {"url": f"{url}/keys/{{old_id}}", "headers": BEARER},
    }


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A provider that has one key."""
    with serving() as found:
        yield found


@pytest.fixture
def keyed(rotator: Rotator, provider: Provider) -> Own:
    """Rotates a key of the provider."""
    settings = settings_of(provider.url)
    value = json.dumps({"key": "key-1", "id": "1", "account": "mine"})
    rotator.service("PutSecretValue", SecretId=SECRET, SecretString=value)
    return Own(rotator, Registered("mine", "", BUILTIN, timeout_s=1, settings=settings), prepared)


def rotate(keyed: Own) -> str:
    """Rotate the key; return the version."""
    version = keyed.begin()
    keyed.again(version)
    return version


def refused(keyed: Own, said: str) -> str:
    """Rotate the key, which fails; return all that is said of it."""
    with pytest.raises(RotationError, match=said) as caught:
        rotate(keyed)
    return f"{caught.value} {caught.value.hints}"


def test_three_rotations_keep_two_keys(keyed: Own, provider: Provider) -> None:
    """The one before stays good for a period; the provider allows two, and other members stay."""
    keyed.service(
        "UpdateSecretVersionStage",
        SecretId=SECRET,
        VersionStage="AWSPREVIOUS",
        RemoveFromVersionId=previous(keyed),
    )
    for number in (2, 3, 4):
        rotate(keyed)
        assert json.loads(keyed.value()) == {
            "key": f"key-{number}",
            "id": str(number),
            "account": "mine",
        }
        assert list(provider.keys) == [str(number - 1), str(number)]
    assert json.loads(keyed.value(VersionStage="AWSPREVIOUS"))["key"] in provider.keys.values()


def previous(keyed: Own) -> str:
    """Return the version that is labelled AWSPREVIOUS."""
    (found,) = [each for each, held in keyed.labels.items() if "AWSPREVIOUS" in held]
    return found


def test_requests_are_those_of_the_settings(keyed: Own, provider: Provider) -> None:
    """With values in the place of their names, and what a provider expects besides."""
    version = rotate(keyed)
    assert provider.asked == ["POST /keys", "GET /me?of=2"]
    assert json.loads(provider.bodies[0]) == {"name": [f"app-{version}"], "days": 30}
    made, tested = provider.headers
    assert made["Authorization"] == "Bearer key-1"
    assert made["Idempotency-Key"] == version
    assert made["Content-Type"] == made["Accept"] == "application/json"
    assert tested["Authorization"] == "Bearer key-2"
    rotate(keyed)
    assert provider.asked[2:] == ["DELETE /keys/1", "POST /keys", "GET /me?of=3"]


@pytest.mark.parametrize("step", ["setSecret", "testSecret", "finishSecret"])
def test_a_crash_between_steps_makes_no_second_key(
    keyed: Own, provider: Provider, step: str
) -> None:
    """The next try finds the key in the pending version."""
    version = keyed.begin()

    def stop(name: str) -> None:
        if name == step:
            raise KeyboardInterrupt

    keyed.steps = type("", (list,), {"append": lambda _, name: stop(name)})()
    with pytest.raises(KeyboardInterrupt):
        keyed.again(version)
    keyed.steps = []
    keyed.again(version)
    assert provider.made == 2
    assert json.loads(keyed.value())["key"] == "key-2"


def test_a_crash_before_the_key_is_kept_leaves_one_at_the_provider(
    keyed: Own, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It cannot be told; the current key stays, and its name and token say whose it is."""

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    version = keyed.begin()
    with monkeypatch.context() as patched:
        patched.setattr(versions, "fill", die)
        with pytest.raises(KeyboardInterrupt):
            keyed.again(version)
    assert json.loads(keyed.value())["key"] == "key-1"
    with pytest.raises(RotationError, match="the provider refused the request"):
        keyed.again(version)
    assert provider.bodies[-1] == provider.bodies[0]
    provider.keys.pop("2")
    keyed.again(version)
    assert json.loads(keyed.value())["key"] == "key-3"


def test_a_key_that_was_lost_is_found_and_deleted(
    keyed: Own, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the token in its name, where the provider lists keys; those of others stay."""

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    find = {"url": f"{provider.url}/keys", "headers": BEARER, "keys": "/data"}
    find |= {"name": "/name", "id": "/id"}
    settings = {**keyed.registered.settings, "find": find}
    keyed.registered = keyed.registered._replace(settings=settings)
    keyed.check()
    provider.most, provider.keys["x"], provider.names["x"] = 3, "of-another", "app-"
    for number in (3, 5, 7):
        version = keyed.begin()
        with monkeypatch.context() as patched:
            patched.setattr(versions, "fill", die)
            with pytest.raises(KeyboardInterrupt):
                keyed.again(version)
        keyed.again(version)
        assert json.loads(keyed.value())["id"] == str(number)
        assert len(provider.keys) == 3
        assert "x" in provider.keys
    provider.next_replies = [None, replying(200, {"data": {}})]
    with pytest.raises(RotationError, match="the answer to find has no list of keys"):
        keyed.check()


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (500, "the provider failed"),
        (503, "the provider failed"),
        (429, "the provider takes no more requests for now"),
        (403, "the provider refused the key"),
        (400, "the provider refused the request"),
        (304, "the provider sends elsewhere"),
    ],
)
def test_what_a_provider_says_is_not_repeated(
    keyed: Own, provider: Provider, world: World, status: int, said: str
) -> None:
    """Neither its words nor its number; the next try, with the same token, goes well."""
    told = Told(world)
    told.lines()
    provider.next_replies = [replying(status, {"error": "key-1 leaked"})]
    shown = refused(keyed, said)
    assert "key-1" not in shown
    assert str(status) not in shown
    assert not any(b"key-1" in line for line in told.lines())
    keyed.again(keyed.pending)
    assert json.loads(keyed.value())["key"] == "key-2"


def test_a_redirect_is_not_followed(keyed: Own, provider: Provider) -> None:
    """Whoever it names gets no request, so no key."""
    with serving() as elsewhere:
        for status in (301, 302, 307, 308):
            provider.next_replies = [replying(status, None, Location=f"{elsewhere.url}/keys")]
            if status == 301:
                refused(keyed, "sends elsewhere, which is not followed")
            else:
                with pytest.raises(RotationError, match="sends elsewhere"):
                    keyed.again(keyed.pending)
        assert elsewhere.asked == []


def test_a_provider_that_is_down_changes_nothing(keyed: Own, provider: Provider) -> None:
    """Nobody listens on its port."""
    url = provider.url.rpartition(":")[0] + ":1"
    keyed.registered = keyed.registered._replace(settings=settings_of(url))
    shown = refused(keyed, "the provider cannot be reached")
    assert url not in shown
    assert "may have made a key" not in shown
    assert provider.keys == {"1": "key-1"}


def test_a_certificate_is_checked_before_anything_is_sent(
    keyed: Own, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is not trusted is told apart; the key is not sent. A trusted one is taken."""
    certificate = certified(tmp_path)
    with serving(certificate) as secure:
        keyed.registered = keyed.registered._replace(settings=settings_of(secure.url))
        refused(keyed, "the provider has no certificate that is trusted, asked for create")
        assert secure.asked == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.authority))
        keyed.again(keyed.pending)
        assert json.loads(keyed.value())["key"] == "key-2"


def drip(handler: BaseHTTPRequestHandler) -> None:
    """Answer a byte at a time, for longer than anybody waits."""
    handler.wfile.write(b"HTTP/1.0 200 OK\r\nX: ")
    try:
        for _ in range(100):
            handler.wfile.write(b"x")
            time.sleep(0.1)
    except OSError:
        pass


def test_a_slow_provider_is_given_up_in_time(keyed: Own, provider: Provider) -> None:
    """However it spreads what it says; a key that it made meanwhile is named as possible."""
    provider.next_replies = [drip]
    began = time.monotonic()
    shown = refused(keyed, "does not answer in time")
    assert time.monotonic() - began < 5
    assert "it may have made a key that is kept nowhere" in shown


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>key-2</html>",
        b"\xff",
        b"[" * 5000,
        b"{}",
        b'{"data": [{"id": 2}]}',
        b'{"data": [{"id": true, "secret": "key-2"}]}',
        b'{"data": [{"id": 2, "secret": "with\\nline"}]}',
        b'{"data": [{"id": 2, "secret": ""}]}',
        b'{"data": [{"id": 2, "secret": {"key": "key-2"}}]}',
    ],
)
def test_an_answer_without_a_key_is_refused(keyed: Own, provider: Provider, body: bytes) -> None:
    """Whatever else it holds, none of which is repeated."""
    provider.next_replies = [replying(200, body)]
    assert "key-2" not in refused(keyed, "the answer to create has no key or id where it should")


def test_an_answer_is_bounded(keyed: Own, provider: Provider) -> None:
    """More than a mebibyte is not read."""
    provider.next_replies = [replying(200, b" " * (2 << 20))]
    assert "may have made a key" in refused(keyed, "does not answer in time, or as it should")


def test_a_new_key_that_is_refused_does_not_become_current(keyed: Own, provider: Provider) -> None:
    """It is tried before."""
    made = {"data": [{"id": 9, "secret": "key-9"}]}
    provider.next_replies = [replying(201, made)]
    refused(keyed, "failed in testSecret: the provider refused the key")
    assert json.loads(keyed.value())["key"] == "key-1"


def test_the_current_key_is_never_deleted_nor_given_again(keyed: Own, provider: Provider) -> None:
    """Also where the version before holds it too, or the provider answers with it."""
    keyed.service(
        "PutSecretValue", SecretId=SECRET, SecretString='{"key": "key-1", "id": "1", "x": "y"}'
    )
    same = {"data": [{"id": 1, "secret": "key-1"}]}
    provider.next_replies = [replying(200, same)]
    refused(keyed, "the provider answered create with the current key")
    keyed.again(keyed.pending)
    assert list(provider.keys) == ["1", "2"]
    assert not any(asked.startswith("DELETE") for asked in provider.asked)


def test_a_key_that_is_gone_already_is_no_failure(keyed: Own, provider: Provider) -> None:
    """Deleting it was tried before, or somebody did it by hand."""
    rotate(keyed)
    provider.keys.pop("1")
    rotate(keyed)
    assert "DELETE /keys/1" in provider.asked
    provider.keys.pop("2")
    provider.next_replies = [replying(500, None)]
    refused(keyed, "failed in createSecret: the provider failed, in its answer to delete")


@pytest.mark.parametrize("name", [".", ".."])
def test_an_id_leads_nowhere_else(keyed: Own, provider: Provider, name: str) -> None:
    """It is a part of a path, whatever it holds."""
    value = json.dumps({"key": "key-1", "id": "x/../../?a#b"})
    keyed.service("PutSecretValue", SecretId=SECRET, SecretString=value)
    keyed.check()
    assert provider.asked[0] == "GET /me?of=x%2F..%2F..%2F%3Fa%23b"
    value = json.dumps({"key": "key-1", "id": name})
    keyed.service("PutSecretValue", SecretId=SECRET, SecretString=value)
    with pytest.raises(RotationError, match="an id of a key is none"):
        keyed.check()


def test_checking_asks_and_changes_nothing(keyed: Own, provider: Provider) -> None:
    """The current key is taken; another must not be, or trying one would say nothing."""
    keyed.check()
    assert [each.partition("?")[0] for each in provider.asked] == ["GET /me"] * 2
    provider.next_replies = [None, replying(200, {})]
    with pytest.raises(RotationError, match="answers test whatever the key"):
        keyed.check()
    provider.keys.clear()
    with pytest.raises(RotationError, match="it would fail: the provider refused the key"):
        keyed.check()


@pytest.mark.parametrize(
    "value", ["text", "[]", "{}", '{"key": "k"}', '{"key": 1.5, "id": "1"}', '{"key": "k\\n"}']
)
def test_a_value_without_key_and_id_is_refused(keyed: Own, provider: Provider, value: str) -> None:
    """The member that is missing is named; the provider is not asked."""
    keyed.service("PutSecretValue", SecretId=SECRET, SecretString=value)
    refused(keyed, "no JSON object|the value needs the key (key|id)")
    assert provider.asked == []


def test_it_is_registered_with_its_requests_and_run(
    world: World, provider: Provider, tmp_path: Path
) -> None:
    """By the commands alone; without settings it is nothing."""
    machine = Machine(world)
    value = '{"apiKey": "key-1", "keyId": 1}'
    machine("create-secret", "--name", "a", "--secret-string", value)
    file = tmp_path / "provider.toml"
    file.write_text(f"""
        key_member = "apiKey"
        id_member = "keyId"
        [create]
        url = "{provider.url}/keys"
        headers = {{ Authorization = "Bearer {{key}}" }}
        form = {{ name = "app {{token}}" }}
        key = "/data/0/secret"
        id = "/data/0/id"
        [test]
        url = "{provider.url}/me"
        headers = {{ Authorization = "Bearer {{key}}" }}
    """)
    add = ("rotation", "functions", "add", "api", "--builtin", "builtin/http-api-key")
    assert "needs the request create" in machine(*add).stderr
    assert machine(*add, "--settings", str(file), "--timeout", "5").status == 0
    tested = machine("rotation", "functions", "test", "api", "a")
    assert tested.stdout == "api can rotate this secret\n", tested.stderr
    rotate = ("rotate-secret", "--secret-id", "a", "--rotation-lambda-arn")
    assert machine(*rotate, "builtin/http-api-key").status == 254
    done = machine(*rotate, "api")
    assert (done.status, done.stderr) == (0, "")
    shown = json.loads(machine("get-secret-value", "--secret-id", "a").stdout)
    assert json.loads(shown["SecretString"]) == {"apiKey": "key-2", "keyId": "2"}
    assert provider.bodies[-2].startswith(b"name=app+")
