"""The settings of ``builtin/http-api-key``: what is meant, and what is refused."""

import datetime as dt
import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from secretctl.rotation import http_provider
from secretctl.rotation.http_api_key import found_at
from secretctl.rotation.http_settings import parsed
from secretctl.rotation.registry import SettingError

SETTINGS: dict[str, Any] = {
    "create": {"url": "https://api.example.com/keys", "key": "/key", "id": "/id"},
    "test": {"url": "https://api.example.com"},
    "delete": {"url": "https://api.example.com/keys/{old_id}?by={id}"},
    "find": {"url": "https://api.example.com/keys?like={token}", "name": "/name", "id": "/id"},
}
HIDDEN = "hidden-in-a-setting"


def changed(place: str, value: object) -> dict[str, Any]:
    """Return the settings with another value at a place, whose parts have dots between."""
    found = deepcopy(SETTINGS)
    *above, name = place.split(".")
    table = found
    for each in above:
        table = table[each]
    table[name] = value
    return found


def test_methods_and_places_have_defaults() -> None:
    """A request is made with POST, tried with GET, and taken back with DELETE."""
    found = parsed(SETTINGS)
    assert found.delete is not None
    assert found.find is not None
    requests = (found.create, found.test, found.delete, found.find.template)
    assert [each.method for each in requests] == ["POST", "GET", "DELETE", "GET"]
    assert [each.path for each in requests][1:3] == ["/", "/keys/{old_id}?by={id}"]
    assert {each.address.url for each in requests} == {"https://api.example.com/"}
    assert (found.key_member, found.id_member) == ("key", "id")


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("test", "https://api.example.com"),
        ("test.url", 1),
        ("test.url", ""),
        ("test.url", "api.example.com/me"),
        ("test.url", "ftp://api.example.com/me"),
        ("test.url", "http://api.example.com/me"),
        ("test.url", f"https://user:{HIDDEN}@api.example.com/me"),
        ("test.url", "https://{id}.example.com/me"),
        ("test.url", "https://api.example.com:{id}/me"),
        ("test.url", "https://api.example.com/me#part"),
        ("test.url", "https://api.example.com/me x"),
        ("test.url", "https://api.example.com/{old_id}"),
        ("test.url", "https://api.example.com/{keys}"),
        ("test.key", "/key"),
        ("test.body", "x"),
        ("test.method", "TRACE"),
        ("test.method", "GET / HTTP/1.1"),
        ("test.headers", [HIDDEN]),
        ("test.headers", {"Authorization": 1}),
        ("test.headers", {"Host": "api.example.com"}),
        ("test.headers", {"content-length": "1"}),
        ("test.headers", {"X: y": HIDDEN}),
        ("test.headers", {"X": f"a\r\nY: {HIDDEN}"}),
        ("test.headers", {"X": "{token}"}),
        ("create.key", ""),
        ("create.key", "key"),
        ("create.id", "/a~2"),
        ("create.json", {"until": dt.datetime(2030, 1, 1, tzinfo=dt.UTC)}),
        ("create.json", [{"deep": ["{old_key}"]}]),
        ("create.json", float("nan")),
        ("create.form", {"name": 1}),
        ("create.form", {"name": "{kye}"}),
        ("find.name", ""),
        ("find.id", "id"),
        ("find.keys", 1),
        ("find.key", "/key"),
        ("find.url", "https://api.example.com/{old_id}"),
        ("delete.url", "https://api.example.com/{old_key}"),
        ("key_member", "id"),
        ("key_member", ""),
        ("id_member", 1),
    ],
)
def test_what_has_no_meaning_is_refused(place: str, value: object) -> None:
    """The request is named, and nothing of what was written."""
    with pytest.raises(SettingError) as caught:
        parsed(changed(place, value))
    assert HIDDEN not in str(caught.value)


def test_both_bodies_are_one_too_many() -> None:
    """JSON or a form."""
    settings = changed("create.json", {})
    settings["create"]["form"] = {}
    with pytest.raises(SettingError, match="both json and form"):
        parsed(settings)


@pytest.mark.parametrize("name", ["create", "test"])
def test_two_requests_are_needed(name: str) -> None:
    """Keys that are never deleted are the provider's affair."""
    settings = deepcopy(SETTINGS)
    del settings[name]
    with pytest.raises(SettingError, match=f"needs the request {name}"):
        parsed(settings)
    other = {each: SETTINGS[each] for each in ("create", "test")}
    assert (parsed(other).delete, parsed(other).find) == (None, None)
    with pytest.raises(SettingError, match="has a find, and no delete"):
        parsed({**other, "find": SETTINGS["find"]})


def test_what_is_made_of_an_id_needs_one() -> None:
    """Keys may have none; then a key is deleted by itself."""
    settings = changed("delete.url", "https://api.example.com/keys?key={old_key}")
    del settings["create"]["id"]
    del settings["find"]
    assert parsed(settings).id_at == ""
    for name in ("{old_id}", "{id}", "{basic}"):
        settings["delete"]["url"] = f"https://api.example.com/{name}"
        with pytest.raises(SettingError, match="has a delete with braces"):
            parsed(settings)


TEXTS = st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S"]), min_size=1)


@given(TEXTS, TEXTS)
def test_values_stay_in_their_place(key: str, name: str) -> None:
    """Whatever a key or an id holds, a request goes to its path, with its headers and members."""
    assume(not {key, name} & {".", ".."})
    table = {
        "url": "https://api.example.com/keys/{id}?key={key}&x=1",
        "headers": {"X-Key": "{key}{id}"},
        "json": {"{key}": ["{key}", 1]},
    }
    template = parsed(changed("test", table)).test
    values = {"key": key, "id": name, "basic": ""}
    request = http_provider.request_of(template, values)
    path, _, query = request.address.path.partition("?")
    assert path.count("/") == 2
    assert query.count("&") == 1
    assert "#" not in request.address.path
    assert request.headers["X-Key"] == key + name
    assert json.loads(request.body) == {"{key}": [key, 1]}
    assert repr(request) == "<request GET>"


@pytest.mark.parametrize(
    ("pointer", "found"),
    [
        ("/a~1b/m~0n", "x"),
        ("/list/1", "2"),
        ("/list/01", None),
        ("/list/7", None),
        ("/list/-", None),
        ("/none/x", None),
        ("/number", "7"),
        ("/yes", None),
        ("/list", None),
    ],
)
def test_pointers_lead_as_rfc_6901_says(pointer: str, found: str | None) -> None:
    """To texts and whole numbers."""
    answer = {"a/b": {"m~n": "x"}, "list": ["1", "2"], "number": 7, "yes": True}
    assert found_at(answer, pointer) == found
