"""``builtin/http-api-key``: a key of a provider that is reached by HTTP.

A new key is made with the current one. That stays good for another period, and is deleted by the
next rotation before it makes another: so a provider that allows two keys is enough. What requests
the provider understands: `http_settings`.
"""

from __future__ import annotations

from secretctl import json_text
from secretctl.domain.password import random_password
from secretctl.domain.secret import Secret
from secretctl.record import NamedTuple
from secretctl.rotation import versions
from secretctl.rotation.http_provider import GONE, Keys, Provider, RequestError
from secretctl.rotation.http_settings import Templates, parsed
from secretctl.rotation.registry import Registered
from secretctl.rotation.steps import Fields, Function, Step, StepError
from secretctl.service.session import Session

_MADE = "it may have made a key that is kept nowhere"
_NOT_DONE = range(300, 500)
"""Statuses that say that a request was not carried out."""

_LONGEST_KEY = 8192


def prepared(session: Session, registered: Registered, secret: Secret) -> Function:  # noqa: ARG001 as those of other kinds
    """Return the function that rotates a secret; nothing is asked before its first step."""
    templates = parsed(registered.settings)
    provider = Provider(registered.timeout_s, session.context.environ)
    keeper = _Keeper(templates, provider)
    run = versions.in_steps(keeper.create, test=keeper.test)
    return Function(registered.name, run, check=keeper.check)


def check_startable(registered: Registered, _environ: object) -> None:
    """Do nothing: what can be seen without a secret was seen when the settings were read."""


class _Keeper(NamedTuple):
    """Keeps the key of one provider new."""

    templates: Templates
    provider: Provider

    def create(self, step: Step) -> None:
        """Delete the key before the current one, and have another made."""
        members = _members(versions.current(step))
        now = self._keys(members)
        self._delete_previous(step, now)
        for name in self._lost(step, now):
            self._delete(now, Keys("", name))
        new = self._made(step, now)
        if new.key == now.key:
            raise StepError("the provider answered create with the current key")
        said = {self.templates.key_member: new.key}
        if self.templates.id_at:
            said[self.templates.id_member] = new.id
        versions.fill(step, json_text.compact({**members, **said}))

    def test(self, step: Step) -> None:
        """See that the new key is taken."""
        self.provider.ask(self.templates.test, self._keys(_members(versions.pending(step))))

    def check(self, step: Step) -> None:
        """See that the current key is taken, and that another is not."""
        now = self._keys(_members(versions.current(step)))
        self.provider.ask(self.templates.test, now)
        self._lost(step, now)
        made_up = random_password(step.random, exclude_punctuation=True)
        try:
            self.provider.ask(self.templates.test, now._replace(key=made_up))
        except RequestError:
            return
        raise StepError("the provider answers test whatever the key: trying a new one says nothing")

    def _delete_previous(self, step: Step, now: Keys) -> None:
        """Delete the key of the version before, if that is one and not the current one as well."""
        text = versions.previous(step)
        if text is None or self.templates.delete is None:
            return
        try:
            old = self._keys(_members(text))
        except StepError:
            return  # put by hand before this function rotated the secret
        if old.key == now.key or (old.id and old.id == now.id):
            return
        self._delete(now, old)

    def _lost(self, step: Step, now: Keys) -> list[str]:
        """Return the ids of keys that a try of this rotation made, and did not come to keep."""
        finding = self.templates.find
        if finding is None:
            return []
        answer = _json(self.provider.ask(finding.template, now, token=step.token))
        listed = _led(answer, finding.keys_at)
        if not isinstance(listed, list):
            raise StepError("the answer to find has no list of keys where it should")
        if not step.token:  # of a check
            return []
        ours = [each for each in listed if step.token in (found_at(each, finding.name_at) or "")]
        return [name for each in ours if (name := found_at(each, finding.id_at))]

    def _delete(self, now: Keys, old: Keys) -> None:
        """Delete a key, unless it is gone already."""
        assert self.templates.delete is not None, "checked before, or where settings were read"
        try:
            self.provider.ask(self.templates.delete, now, old_key=old.key, old_id=old.id)
        except RequestError as error:
            if error.status not in GONE:
                raise

    def _made(self, step: Step, now: Keys) -> Keys:
        try:
            body = self.provider.ask(self.templates.create, now, token=step.token)
        except RequestError as error:
            if not error.is_sent or error.status in _NOT_DONE:
                raise
            raise StepError(f"{error.message}; {_MADE}") from None
        answer = _json(body)
        key = found_at(answer, self.templates.key_at)
        found = found_at(answer, self.templates.id_at) if self.templates.id_at else ""
        if key is None or found is None:
            raise StepError(f"the answer to create has no key or id where it should; {_MADE}")
        return Keys(key, found)

    def _keys(self, members: Fields) -> Keys:
        """Return the key in a value, and its id; raises StepError."""
        names = [self.templates.key_member]
        names += [self.templates.id_member] if self.templates.id_at else []
        for name in names:
            if _shown(members.get(name)) is None:
                raise StepError(f"the value needs the key {name}, which holds printable ASCII")
        return Keys(*[str(members[name]) for name in names])


def _members(text: str) -> Fields:
    found = _json(text.encode())
    if not isinstance(found, dict):
        raise StepError("the value is no JSON object")
    return found


def _json(body: bytes) -> object:
    """Return what *body* says; None where it is not JSON."""
    try:
        return json_text.read(body.decode())
    except (ValueError, RecursionError):
        return None


def found_at(found: object, pointer: str) -> str | None:
    """Return the text or whole number to which a JSON Pointer leads; None if it leads to none."""
    return _shown(_led(found, pointer))


def _led(found: object, pointer: str) -> object:
    """Return that to which a JSON Pointer leads.

    See: https://www.rfc-editor.org/rfc/rfc6901
    """
    for part in pointer.split("/")[1:]:
        if isinstance(found, list):
            found = {str(number): each for number, each in enumerate(found)}
        if not isinstance(found, dict):
            return None
        found = found.get(part.replace("~1", "/").replace("~0", "~"))
    return found


def _shown(found: object) -> str | None:
    """Return a key or an id as text; None if it cannot be one."""
    if type(found) is int:
        found = str(found)
    if not isinstance(found, str) or not 0 < len(found) <= _LONGEST_KEY:
        return None
    return found if found.isascii() and found.isprintable() else None
