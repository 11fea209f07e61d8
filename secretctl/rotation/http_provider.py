"""Requests to a provider of keys, with values in them; of its answers no word is shown."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from urllib.parse import quote, urlencode

from secretctl import __version__, json_text
from secretctl.errors import ConfigError, EndpointError
from secretctl.record import NamedTuple
from secretctl.remote.fetching import Request, fetch
from secretctl.rotation.http_settings import PLACEHOLDER, Template
from secretctl.rotation.steps import StepError

GONE = (404, 410)
_REFUSED_KEY = (401, 403)
_TOO_MANY = 429
_OK, _ELSEWHERE, _WRONG, _FAILED = 2, 3, 4, 5
"""Hundreds of a status (RFC 9110, 15)."""

_WHY = {
    _ELSEWHERE: "the provider sends elsewhere, which is not followed",
    _WRONG: "the provider refused the request",
    _FAILED: "the provider failed",
}
_STEPS_UP = (".", "..")


class RequestError(StepError):
    """A request had no success.

    Args:
        message: Without anything that the provider said.
        status: The status of the answer; 0 if there was none.
        is_sent: Whether anything of the request may have arrived.
    """

    def __init__(self, message: str, status: int, *, is_sent: bool = True) -> None:
        super().__init__(message)
        self.status = status
        self.is_sent = is_sent


class Keys(NamedTuple):
    """A key and its id. Its ``repr`` shows neither."""

    key: str
    id: str = ""

    def __repr__(self) -> str:
        """Show nothing."""
        return "<key>"


class Provider(NamedTuple):
    """Is asked one request at a time."""

    limit_s: int
    environ: Mapping[str, str]

    def ask(self, template: Template, keys: Keys, **more: str) -> bytes:
        """Return the answer of a request, which says that it had success.

        Args:
            template: The request.
            keys: Who asks.
            more: What placeholders stand for besides.

        Raises:
            RequestError: It had none.
            StepError: The request cannot be made.
        """
        basic = b64encode(f"{keys.id}:{keys.key}".encode()).decode()
        values = {"key": keys.key, "id": keys.id, "basic": basic, **more}
        where = f"in its answer to {template.name}"
        try:
            answer = fetch(request_of(template, values), self.environ, self.limit_s)
        except ConfigError as error:
            raise StepError(error.message, *error.hints) from None
        except EndpointError as error:
            raise _unanswered(template, error) from None
        if answer.status // 100 != _OK:
            raise RequestError(f"{_why(answer.status)}, {where}", answer.status)
        return answer.body


def _unanswered(template: Template, error: EndpointError) -> RequestError:
    """Say why there was no answer; the error itself repeats the place, in which a key may stand."""
    why = "does not answer in time, or as it should" if error.is_sent else "cannot be reached"
    if not error.is_passing:
        why = "has no certificate that is trusted"
    said = f"the provider {why}, asked for {template.name}"
    return RequestError(said, 0, is_sent=error.is_sent)


def _why(status: int) -> str:
    if status in _REFUSED_KEY:
        return "the provider refused the key"
    if status == _TOO_MANY:
        return "the provider takes no more requests for now"
    return _WHY.get(status // 100, "the provider answered nothing that is known")


def request_of(template: Template, values: Mapping[str, str]) -> Request:
    """Return a request with values in it; raises StepError where one cannot stand there."""
    path = _filled(template.path, values, _in_path)
    headers = {name: _filled(text, values, str) for name, text in template.headers.items()}
    standard = {"Accept": "application/json", "User-Agent": f"secretctl/{__version__}"}
    body = b""
    if template.json is not None:
        standard["Content-Type"] = "application/json"
        body = json_text.compact(_within(template.json, values)).encode()
    elif template.form:
        standard["Content-Type"] = "application/x-www-form-urlencoded"
        form = {name: _filled(text, values, str) for name, text in template.form.items()}
        body = urlencode(form).encode()
    given = {name.lower() for name in headers}
    headers |= {name: text for name, text in standard.items() if name.lower() not in given}
    return Request(template.method, template.address._replace(path=path), headers, body)


def _within(found: object, values: Mapping[str, str]) -> object:
    """Return what is to be JSON with values in its texts."""
    if isinstance(found, dict):
        return {name: _within(each, values) for name, each in found.items()}
    if isinstance(found, list):
        return [_within(each, values) for each in found]
    return _filled(found, values, str) if isinstance(found, str) else found


def _filled(text: str, values: Mapping[str, str], shown: Callable[[str], str]) -> str:
    """Put values in the place of their names; all at once, so that no value is taken for a name."""
    return PLACEHOLDER.sub(lambda match: shown(values[match[1]]), text)


def _in_path(value: str) -> str:
    """Return *value* as a part of a path, of which it leads nowhere else."""
    if value in _STEPS_UP:
        raise StepError("an id of a key is none: it would lead elsewhere")
    return quote(value, safe="")
