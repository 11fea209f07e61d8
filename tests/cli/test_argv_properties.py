"""The reader against every declared operation and arbitrary words."""

import base64
import io
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from secretctl.cli import argv
from secretctl.context import Context
from secretctl.errors import UsageError
from secretctl.model.operations import OPERATIONS
from secretctl.model.shapes import Operation, Shape, kebab

CONTEXT = Context(
    environ={},
    stdin=io.StringIO(),
    stdout=io.StringIO(),
    stderr=io.StringIO(),
    now_ms=lambda: 0,
    random=bytes,
)
# A word "file://..." stands for a file; a text that begins so is given by JSON.
TEXT = st.text(st.characters(codec="utf-8"), max_size=12).filter(
    lambda text: not text.startswith(("file://", "fileb://"))
)


def valid(shape: Shape) -> st.SearchStrategy[Any]:
    """Return a strategy of values that JSON can write for *shape*."""
    if shape.kind == "structure":
        return st.fixed_dictionaries(
            {}, optional={member.name: valid(member.shape) for member in shape.members}
        )
    if shape.kind == "list" and shape.item:
        return st.lists(valid(shape.item), max_size=3)
    if shape.kind in ("integer", "long"):
        return st.integers(-(10**9), 10**9)
    return {"boolean": st.booleans(), "blob": st.binary(max_size=9)}.get(shape.kind, TEXT)


@st.composite
def requests(draw: st.DrawFn) -> tuple[Operation, dict[str, Any]]:
    """Draw an operation with parameters for it."""
    operation = draw(st.sampled_from(OPERATIONS))
    needed = {m.name: valid(m.shape) for m in operation.input if m.required}
    free = {m.name: valid(m.shape) for m in operation.input if not m.required}
    parameters = draw(st.fixed_dictionaries(needed, optional=free))
    for member in operation.input:
        if member.idempotency_token:
            parameters.setdefault(member.name, "token")
    return operation, parameters


def rendered(operation: Operation, parameters: dict[str, Any], *, equals: bool) -> list[str]:
    """Write *parameters* as options."""
    shapes = {member.name: member.shape for member in operation.input}
    words: list[str] = []
    for name, value in parameters.items():
        flag = kebab(name)
        if isinstance(value, bool):
            words.append(f"--{flag}" if value else f"--no-{flag}")
            continue
        if isinstance(value, bytes):
            text = base64.b64encode(value).decode()
        elif shapes[name].kind in ("list", "structure", "map"):
            text = json.dumps(value)
        else:
            text = str(value)
        flags = argv.flags(operation).keys() | argv.GLOBALS.keys()
        literal = text == "--" or text[2:] in flags
        words += [f"--{flag}={text}"] if equals or literal else [f"--{flag}", text]
    return words


@settings(max_examples=150, deadline=None)
@given(requests(), st.booleans())
def test_any_parameters_written_as_options_are_read_back(
    request: tuple[Operation, dict[str, Any]],
    equals: bool,  # noqa: FBT001 a drawn case
) -> None:
    """What can be called can be typed."""
    operation, parameters = request
    words = rendered(operation, parameters, equals=equals)
    assert argv.read(operation, words, CONTEXT).parameters == parameters


@settings(max_examples=60, deadline=None)
@given(requests())
def test_any_parameters_written_as_input_are_read_back(
    request: tuple[Operation, dict[str, Any]],
) -> None:
    """So they can be given by ``--cli-input-json`` and, as JSON is YAML, ``--cli-input-yaml``."""
    operation, parameters = request
    plain = {k: v for k, v in parameters.items() if not isinstance(v, bytes)}
    text = json.dumps(plain)
    words = [f"--cli-input-json={text}"]
    assert argv.read(operation, words, CONTEXT).parameters == plain
    words = [f"--cli-input-yaml={json.dumps(plain, ensure_ascii=True)}"]
    if "\\u" not in text and "\x7f" not in text:  # YAML knows no surrogate pairs in escapes
        assert argv.read(operation, words, CONTEXT).parameters == plain


CANARY = "Zq7canary"
FLAGS = sorted({f"--{flag}" for operation in OPERATIONS for flag in argv.flags(operation)})
# A flag may hold its value: the value, then, is the canary.
WORDS = st.one_of(
    st.sampled_from(FLAGS + [f"--{flag}" for flag in argv.GLOBALS]),
    st.sampled_from(FLAGS).map(lambda flag: f"{flag}={CANARY}"),
    st.sampled_from([CANARY, f"-{CANARY}", f"--{CANARY}", f"--x={CANARY}", f"{CANARY}={CANARY}"]),
    st.sampled_from([f"Key={CANARY},Key={CANARY}", f"[{CANARY}", f'{{"{CANARY}"', "--", "", "7"]),
    st.sampled_from([f"Key={CANARY},Value=[", f"[1,{CANARY}]", f"'{CANARY}", "\udcff", "help"]),
    st.text(st.characters(), max_size=8),
)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(OPERATIONS), st.lists(WORDS, max_size=7))
def test_any_words_are_read_or_refused_without_repeating_them(
    operation: Operation, words: list[str]
) -> None:
    """There is no traceback on any line, and no message holds a value of it."""
    message = ""
    try:
        before, rest = argv.split_globals(words)
        argv.read(operation, rest, CONTEXT, before)
        argv.read(operation, words, CONTEXT)
    except UsageError as error:
        message = f"{error} {error.hints}"
    assert CANARY not in message


def test_every_option_of_an_operation_is_its_own() -> None:
    """No parameter's option hides a global one."""
    for operation in OPERATIONS:
        assert not argv.flags(operation).keys() & argv.GLOBALS.keys()
