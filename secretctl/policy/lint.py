"""Say what is wrong with a policy file, and what in it is probably not what was meant.

Errors are faults of the grammar: such a policy is refused everywhere. Warnings are about a policy
that can be read. No message repeats what the file says: it may be the wrong file.
"""

from __future__ import annotations

from secretctl.policy import advice, placing
from secretctl.policy.advice import Advice
from secretctl.policy.faults import Fault, pointer
from secretctl.policy.json_places import Place
from secretctl.record import NamedTuple

ERROR, WARNING = "error", "warning"


class Finding(NamedTuple):
    """One thing to be said, and about which place."""

    place: Place
    severity: str
    """``error`` or ``warning``."""

    message: str
    pointer: str
    """JSON pointer to the part of the document (RFC 6901)."""


class Report(NamedTuple):
    """What there is to be said about one policy."""

    kind: str
    """``identity``, ``resource`` or ``trust``."""

    findings: tuple[Finding, ...]


def lint(text: str, kind: str | None = None) -> Report:
    """Return the findings, in the order of the text.

    Args:
        text: The policy.
        kind: None to guess it from the elements that are there.
    """
    read = placing.placed(text, kind)
    found = [
        Finding(place, ERROR, _explained(fault, read.kind), pointer(fault.path))
        for place, fault in read.faults
    ]
    if read.policy is not None and read.places is not None:
        given: list[Advice] = advice.on(read.document, read.policy)
        found += [
            Finding(
                read.places.of(each.path, is_key=each.is_key),
                WARNING,
                each.message,
                pointer(each.path),
            )
            for each in given
        ]
    return Report(read.kind, tuple(sorted(found, key=lambda each: (each.place, each.message))))


def _explained(fault: Fault, kind: str) -> str:
    """Return what a fault says, and which element or operator was probably meant."""
    near = advice.meant(fault.path, kind) if fault.is_key and fault.path else ""
    return f"{fault.message}; did you mean {near}?" if near else fault.message
