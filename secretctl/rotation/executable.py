"""Functions that are programs: run once for each step, with the event as JSON on standard input.

A program may be written in anything. Exit status 0 says that the step is done. It is given what a
function in Python is given: an endpoint that answers it alone, and a credential for that.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from secretctl.domain.secret import Secret
from secretctl.rotation.own_file import check_file, check_own
from secretctl.rotation.program import begun, ended, judge
from secretctl.rotation.registry import Registered
from secretctl.rotation.steps import Function, Step, StepError, event
from secretctl.rotation.surroundings import Surroundings
from secretctl.service.session import Session

_SCRIPT = b"#!"
_LONGEST_LINE_BYTES = 256
"""As much as Linux reads of a script to find its interpreter."""


def prepared(session: Session, registered: Registered, secret: Secret) -> Function:
    """Return the function that rotates *secret*; nothing is started before its first step."""
    surroundings = Surroundings(session, registered, secret)
    name = f"the function {registered.name}"

    def run(step: Step) -> None:
        check_startable(registered, session.context.environ)
        surroundings.open_endpoint()
        process, said = (
            begun(surroundings, [registered.path], name),
            event(step, RotationToken=surroundings.token),
        )
        status = surroundings.answering(lambda: ended(process, said, registered.timeout_s))
        surroundings.kill()
        judge(status, name, surroundings.log)

    def check(_step: Step) -> None:
        check_startable(registered, session.context.environ)

    return Function(
        *(registered.name, run),
        check=check,
        stop=surroundings.kill,
        close=surroundings.close,
    )


def check_startable(registered: Registered, _environ: Mapping[str, str]) -> None:
    """See that the program can be run, without running it.

    Raises:
        StepError: What is missing.
    """
    check_file(registered)
    path, name = registered.path, registered.name
    if not os.access(path, os.X_OK):
        raise StepError(f"the file of the function {name} is not executable", "chmod u+x FILE")
    with open(path, "rb") as file:
        line = file.read(_LONGEST_LINE_BYTES).partition(b"\n")[0]
    interpreter = line.removeprefix(_SCRIPT).split()[:1] if line.startswith(_SCRIPT) else []
    if not interpreter:
        return
    shown = f"the interpreter in the first line of the function {name}"
    if not os.access(interpreter[0], os.X_OK):
        raise StepError(f"{shown} is not there")
    check_own(os.fsdecode(interpreter[0]), shown)
