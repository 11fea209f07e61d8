"""What may be set of ``builtin/http-api-key``: the requests that a provider of keys understands.

    [rotation.functions.example]
    builtin = "builtin/http-api-key"

    [rotation.functions.example.create]
    url = "https://api.example.com/v1/keys"
    headers = { Authorization = "Bearer {key}" }
    json = { name = "app-{token}" }
    key = "/data/secret"
    id = "/data/id"

    [rotation.functions.example.test]
    url = "https://api.example.com/v1/me"
    headers = { Authorization = "Bearer {key}" }

    [rotation.functions.example.delete]
    url = "https://api.example.com/v1/keys/{old_id}"
    headers = { Authorization = "Bearer {key}" }

    [rotation.functions.example.find]
    url = "https://api.example.com/v1/keys"
    headers = { Authorization = "Bearer {key}" }
    keys = "/data"
    name = "/name"
    id = "/id"

*key* and *id* of ``create`` say where those stand in its answer, as JSON Pointers (RFC 6901);
*keys* of ``find`` where a list of keys stands, *name* and *id* where those of each.

They stand in the configuration file alone. Named by the secret, they would let whoever may change
its value have the current key, which they may not read, sent anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from secretctl.errors import ConfigError
from secretctl.record import NamedTuple
from secretctl.remote.address import Address, parse
from secretctl.rotation.registry import SettingError
from secretctl.rotation.steps import Fields

CREATE, TEST, DELETE, FIND = "create", "test", "delete", "find"
_REQUESTS = (CREATE, TEST, DELETE, FIND)
_MEMBERS = ("key_member", "id_member")
KEYS = (*_REQUESTS, *_MEMBERS, "timeout")
"""What may be said of such a function."""

_OF_ANY = ("key", "id", "basic")
_FILLED = {
    CREATE: (*_OF_ANY, "token"),
    TEST: _OF_ANY,
    DELETE: (*_OF_ANY, "old_key", "old_id"),
    FIND: (*_OF_ANY, "token"),
}
"""Names that stand for values, in braces; *basic* for id and key as RFC 7617 puts them."""

_OF_ID = ("id", "basic", "old_id")
_METHODS = {CREATE: "POST", TEST: "GET", DELETE: "DELETE", FIND: "GET"}
_ALLOWED_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_PARTS = ("url", "method", "headers", "json", "form")
_POINTERS = {CREATE: ("key", "id"), FIND: ("keys", "name", "id")}
_OWN_HEADERS = ("host", "content-length", "transfer-encoding", "connection")
PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_HEADER_NAME = re.compile(r"[A-Za-z0-9-]+")
_POINTER = re.compile(r"(/([^/~]|~[01])*)+")


class Template(NamedTuple):
    """A request, before values stand in it."""

    name: str
    method: str
    address: Address
    """Without the path."""

    path: str
    """And what is behind it."""

    headers: dict[str, str]
    json: object
    """None for none."""

    form: dict[str, str]


class Finding(NamedTuple):
    """How keys are found that a try which broke off has made."""

    template: Template
    keys_at: str
    """Empty where the answer is the list."""

    name_at: str
    id_at: str


class Templates(NamedTuple):
    """All that is known of a provider."""

    create: Template
    test: Template
    delete: Template | None
    find: Finding | None
    key_at: str
    id_at: str
    """Empty where keys have no id."""

    key_member: str
    """Where the key stands in the secret's value."""

    id_member: str


def check_settings(settings: Fields) -> None:
    """See that all that is needed is said; raises SettingError."""
    parsed(settings)


def parsed(settings: Fields) -> Templates:
    """Return what *settings* say; raises SettingError."""
    for name in (CREATE, TEST):
        if name not in settings:
            raise SettingError(f"needs the request {name}: url = …, headers = …")
    create = _table(settings, CREATE)
    key_at, id_at = _pointer(create, "key"), _pointer(create, "id")
    if not key_at:
        raise SettingError('does not say where create answers the key: key = "/key"')
    found = Templates(
        _template(CREATE, create, id_at),
        _template(TEST, _table(settings, TEST), id_at),
        _template(DELETE, _table(settings, DELETE), id_at) if DELETE in settings else None,
        _finding(settings, id_at) if FIND in settings else None,
        key_at,
        id_at,
        *[_text(settings, name, name.partition("_")[0]) for name in _MEMBERS],
    )
    if found.key_member == found.id_member:
        raise SettingError("has one member for the key and its id")
    return found


def _finding(settings: Fields, id_at: str) -> Finding:
    if "{old_key}" in str(settings.get(DELETE, "{old_key}")):
        raise SettingError("has a find, and no delete by {old_id} alone")
    table = _table(settings, FIND)
    places = [_pointer(table, each) for each in _POINTERS[FIND]]
    if not all(places[1:]):
        raise SettingError('does not say where find answers names and ids: name = "/name"')
    return Finding(_template(FIND, table, id_at), *places)


def _table(settings: Fields, name: str) -> Fields:
    found = settings[name]
    allowed = (*_PARTS, *_POINTERS.get(name, ()))
    if not isinstance(found, dict) or not set(found) <= set(allowed):
        raise SettingError(f"has a {name} that is no table of {', '.join(allowed)}")
    if "json" in found and "form" in found:
        raise SettingError(f"has a {name} with both json and form")
    return found


def _template(name: str, table: Fields, id_at: str) -> Template:
    address, path = _place(name, _text(table, "url", ""))
    method = _text(table, "method", _METHODS[name])
    if method not in _ALLOWED_METHODS:
        raise SettingError(f"has a {name} whose method is none of {', '.join(_ALLOWED_METHODS)}")
    form = _texts(table, "form")
    made = Template(name, method, address, path, _headers(table), table.get("json"), form)
    _check_placeholders(made, has_id=bool(id_at))
    return made


def _place(name: str, url: str) -> tuple[Address, str]:
    """Return where a request goes; no value takes part in that, only in the path and behind it."""
    origin = "/".join(url.split("/", 3)[:3]).partition("?")[0]
    wrong = SettingError(
        f"has a {name} whose url is not https://HOST/…, or http:// on this machine"
    )
    path = url.removeprefix(origin)
    is_clean = path.isascii() and path.isprintable() and not set(" #") & set(path)
    if PLACEHOLDER.search(origin) or not is_clean:
        raise wrong
    try:
        return parse(origin, may_be_plain=False), path if path.startswith("/") else "/" + path
    except ConfigError:
        raise wrong from None


def _headers(table: Fields) -> dict[str, str]:
    found = _texts(table, "headers")
    for name, value in found.items():
        is_name = _HEADER_NAME.fullmatch(name) and name.lower() not in _OWN_HEADERS
        if not (is_name and value.isascii() and value.isprintable()):
            raise SettingError("has headers that cannot be sent, or are not left to it")
    return found


def _check_placeholders(template: Template, *, has_id: bool) -> None:
    allowed = [each for each in _FILLED[template.name] if has_id or each not in _OF_ID]
    texts = [template.path, *template.headers.values(), *template.form.values()]
    for text in (*texts, *_strings(template.json)):
        if not set(PLACEHOLDER.findall(text)) <= set(allowed):
            shown = ", ".join(f"{{{each}}}" for each in allowed)
            raise SettingError(f"has a {template.name} with braces around none of {shown}")


def _strings(found: object) -> Iterator[str]:
    """Return all texts in what is to be JSON; raises SettingError where it cannot be."""
    if isinstance(found, dict):
        found = list(found.values())
    if isinstance(found, list):
        for each in found:
            yield from _strings(each)
    elif isinstance(found, str):
        yield found
    elif not (found is None or isinstance(found, bool | int) or _is_finite(found)):
        raise SettingError("has a json that cannot be one: with a time, or no finite number")


def _is_finite(found: object) -> bool:
    return isinstance(found, float) and found - found == 0


def _pointer(table: Fields, name: str) -> str:
    found = table.get(name, "")
    if not isinstance(found, str) or (found and not _POINTER.fullmatch(found)):
        raise SettingError(f'has a {name} that is no JSON Pointer: {name} = "/{name}"')
    return found


def _text(table: Mapping[str, object], name: str, default: str) -> str:
    found = table.get(name, default)
    if not isinstance(found, str) or not found:
        raise SettingError(f"has no text as {name}")
    return found


def _texts(table: Fields, name: str) -> dict[str, str]:
    found = table.get(name, {})
    if not (isinstance(found, dict) and all(isinstance(each, str) for each in found.values())):
        raise SettingError(f"has {name} that are no table of texts")
    return found
