"""``builtin/exec``: a new value, handed to commands of the user's, one for each step.

What they are: `command_settings`. Commands are given no credential: they need none, since the
values come to them.
"""

from __future__ import annotations

from collections.abc import Mapping

from secretctl.domain.secret import Secret
from secretctl.record import NamedTuple
from secretctl.rotation import password, versions
from secretctl.rotation.command_settings import CREATE, SET, TEST
from secretctl.rotation.output import MOST_BYTES, Output
from secretctl.rotation.own_file import check_own, program
from secretctl.rotation.program import begun, ended, judge
from secretctl.rotation.registry import Registered, place
from secretctl.rotation.steps import Fields, Function, Step, StepError, event
from secretctl.rotation.surroundings import Surroundings
from secretctl.service.session import Session


def check_startable(registered: Registered, environ: Mapping[str, str]) -> None:
    """See that there are the programs of all commands, and that they are nobody else's.

    Raises:
        StepError: One is not.
    """
    for name in registered.settings:
        _words(registered, name, environ)


def prepared(session: Session, registered: Registered, secret: Secret) -> Function:
    """Return the function that rotates *secret*; nothing is started before its first step."""
    hooks = _Hooks(registered, Surroundings(session, registered, secret), session.context.environ)
    run = versions.in_steps(hooks.create, hooks.set_, hooks.test)
    return Function(
        *(registered.name, run),
        hands_on=True,
        check=hooks.check,
        stop=hooks.surroundings.kill,
        close=hooks.surroundings.close,
    )


class _Hooks(NamedTuple):
    """The commands, for one rotation."""

    registered: Registered
    surroundings: Surroundings
    environ: Mapping[str, str]

    def create(self, step: Step) -> None:
        """Make a new value."""
        if CREATE in self.registered.settings:
            versions.fill(step, self._printed(step))
        else:
            versions.fill(step, password.replaced(versions.current(step), password.new(step)))

    def set_(self, step: Step) -> None:
        """Have the new value set where it is used."""
        self._told(SET, step)

    def test(self, step: Step) -> None:
        """Have the new value tried there."""
        self._told(TEST, step)

    def check(self, step: Step) -> None:
        """See that a value can be made, and that the programs are there."""
        check_startable(self.registered, self.environ)
        if CREATE not in self.registered.settings:
            password.replaced(versions.current(step), "")

    def _told(self, name: str, step: Step) -> None:
        if name in self.registered.settings:
            texts = {"AWSPENDING": versions.pending(step), "AWSCURRENT": versions.current(step)}
            self._run(name, step, {**texts, "AWSPREVIOUS": versions.previous(step)})

    def _printed(self, step: Step) -> str:
        """Return what the command prints that makes a value."""
        printed = Output(MOST_BYTES + 1)
        try:
            self._run(CREATE, step, {"AWSCURRENT": versions.current(step)}, printed.handle)
        finally:
            found = printed.ended()
        try:
            text = found.decode().removesuffix("\n")
        except UnicodeDecodeError:
            text = ""
        if not text or len(found) > MOST_BYTES:
            raise StepError("what create printed cannot be a value: it is text of up to 64 KiB")
        self.surroundings.seen.add(text)
        return text

    def _run(self, name: str, step: Step, texts: Fields, stdout: int = -1) -> None:
        self.surroundings.seen.update(each for each in texts.values() if isinstance(each, str))
        shown = f"the command {name} of the function {self.registered.name}"
        words = _words(self.registered, name, self.environ)
        process = begun(self.surroundings, words, shown, stdout)
        status = ended(process, {**event(step), **texts}, self.registered.timeout_s)
        self.surroundings.kill()
        judge(status, shown, self.surroundings.log)


def _words(registered: Registered, name: str, environ: Mapping[str, str]) -> list[str]:
    """Return the words of a command, whose program was looked for and at; raises StepError."""
    found = registered.settings[name]
    assert isinstance(found, list), "checked where it was read"
    first, *rest = [place(each, environ.get("HOME", "")) for each in found]
    shown = f"the program of {name} of the function {registered.name}"
    path = program(registered, first, environ)
    if not path:
        raise StepError(f"{shown} is not there, or not executable")
    check_own(path, shown)
    return [path, *rest]
