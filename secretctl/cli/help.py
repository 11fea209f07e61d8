"""Help for an operation, written from its declaration: plain text, 80 columns."""

from collections.abc import Iterable
from textwrap import wrap

from secretctl.cli.help_options import COMMON, GLOBALS, PAGES, REMOTE
from secretctl.cli.paging import is_shadowed
from secretctl.model.shapes import Member, Operation, Shape, command_of, kebab

COLUMNS = 80

_UNITS = {"string": "characters", "blob": "bytes", "list": "items", "map": "entries"}

EXIT_STATUS = (
    ("0", "success"),
    ("130", "interrupted"),
    ("141", "whoever read the output stopped reading"),
    ("251", "the change was made, but its outcome could not be recorded"),
    ("252", "the command line or a parameter is wrong"),
    ("253", "configuration, or the state of the vault"),
    ("254", "the operation was refused"),
    ("255", "anything else"),
)


def text(operation: Operation, command: str = "") -> str:
    """Return the help of *operation*, which is reached as *command* if not by its own."""
    command = "secretctl " + (command or command_of(operation))
    pages = operation.pages
    shadowed = pages.limit if pages is not None and is_shadowed(pages) else ""
    lines = ["Usage: " + _usage(command, (*operation.input, *operation.local))]
    lines += ["", *_wrapped(operation.summary, 2)]
    lines += ["", "Options:"]
    for member in (*operation.input, *operation.local):
        lines += _option(member) if member.name != shadowed else []
    lines += _table((*COMMON, *(PAGES if pages else ())))
    lines += ["", "Values:", *_wrapped(_VALUES, 2)]
    if operation.example:
        lines += ["", "Example:", *_example(operation.example)]
    lines += ["", "Answer:", *(_answer(operation.output) or ["  nothing"])]
    if operation.errors:
        lines += ["", "Errors:", *_wrapped(", ".join(operation.errors), 2)]
    lines += ["", "Global options, before or after the command:", *_table(GLOBALS)]
    if operation.service == "secretsmanager" and command == f"secretctl {command_of(operation)}":
        lines += ["", "At an endpoint:", *_table(REMOTE)]
    lines += ["", "Exit status:", *(f"  {code:<4} {what}" for code, what in EXIT_STATUS)]
    return "\n".join(lines) + "\n"


_VALUES = (
    "A string or JSON value can be read from a file with file://PATH, a binary one with "
    "fileb://PATH. Structures are written Key=Value,Key=Value or as JSON, lists as several words "
    "or as JSON. A value may begin with '-'."
)


def _usage(command: str, members: Iterable[Member]) -> str:
    words = [command]
    words += [f"--{kebab(each.name)} {_value(each.shape)}" for each in members if _is_asked(each)]
    lines = wrap(" ".join([*words, "[OPTIONS]"]), COLUMNS - 7, break_on_hyphens=False)
    return "\n         ".join(lines)


def _example(command: str) -> list[str]:
    """Break a command line before its options, so that it can still be pasted."""
    first, *options = command.split(" --")
    lines = ["  " + first]
    for option in options:
        if len(lines[-1]) + len(option) + 5 > COLUMNS:
            lines[-1] += " \\"
            lines.append("     ")
        lines[-1] += " --" + option
    return lines


def _is_asked(member: Member) -> bool:
    return member.required and not member.idempotency_token


def _value(shape: Shape) -> str:
    if shape.kind == "list" and shape.item is not None:
        return _value(shape.item) + "..."
    return {"structure": "STRUCTURE", "map": "MAP", "blob": "BINARY", "timestamp": "TIME"}.get(
        shape.kind, "N" if shape.kind in ("integer", "long") else "TEXT"
    )


def _option(member: Member) -> list[str]:
    flag = "--" + kebab(member.name)
    if member.shape.kind == "boolean":
        heading = f"{flag} | --no-{kebab(member.name)}"
    else:
        heading = f"{flag} {_value(member.shape)}"
    lines = ["  " + heading]
    facts = _facts(member)
    lines += _wrapped(" ".join(filter(None, [member.doc, f"[{facts}]" if facts else ""])), 6)
    for inner in _inner(member.shape):
        limits = _facts(inner)
        note = f"{inner.name}: {inner.doc}".rstrip(": ") + (f" [{limits}]" if limits else "")
        lines += _wrapped(note, 8)
    return lines


def _inner(shape: Shape) -> tuple[Member, ...]:
    """Return the members of a structure, or of the structures in a list."""
    return shape.members or (_inner(shape.item) if shape.item is not None else ())


def _facts(member: Member) -> str:
    shape = member.shape
    facts = [shape.kind if shape.item is None else f"{shape.kind} of {_plural(shape.item)}"]
    if _is_asked(member):
        facts.append("required")
    facts.append(_limits(shape))
    if shape.enum:
        facts.append("one of " + ", ".join(shape.enum))
    if shape.item is not None:
        if limits := _limits(shape.item):
            facts.append(f"each {limits}")
        if shape.item.enum:
            facts.append("each one of " + ", ".join(shape.item.enum))
    if shape.pattern:
        facts.append(f"pattern {shape.pattern}")
    if member.idempotency_token:
        facts.append("default a random UUID")
    return "; ".join(filter(None, facts))


def _plural(shape: Shape) -> str:
    return shape.kind + "s"


def _limits(shape: Shape) -> str:
    unit = _UNITS.get(shape.kind, "")
    least, most = shape.min, shape.max
    if least is None and most is None:
        return ""
    if most is None:
        amount = f"{least} or more"
    elif least is None:
        amount = f"at most {most}"
    else:
        amount = f"{least}" if least == most else f"{least} to {most}"
    return f"{amount} {unit}".rstrip()


def _answer(members: tuple[Member, ...], depth: int = 0) -> list[str]:
    lines: list[str] = []
    for member in members:
        kind = member.shape.kind
        if member.shape.item is not None:
            kind = f"{kind} of {_plural(member.shape.item)}"
        lines += _wrapped(f"{member.name} ({kind})", 2 + 2 * depth)
        if depth == 0:
            lines += _answer(_inner(member.shape), 1)
    return lines


def _table(rows: Iterable[tuple[str, str]]) -> list[str]:
    lines: list[str] = []
    for name, what in rows:
        if len(name) > 22:  # noqa: PLR2004 the column of explanations
            lines += ["  " + name, *_wrapped(what, 26)]
        else:
            lines += _wrapped(what, 26, f"  {name:<24}")
    return lines


def _wrapped(content: str, indent: int, first: str = "") -> list[str]:
    margin = " " * indent
    return wrap(
        content,
        COLUMNS,
        initial_indent=first or margin,
        subsequent_indent=margin,
        break_on_hyphens=False,
    )
