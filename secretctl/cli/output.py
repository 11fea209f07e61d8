"""Write the answer of an operation the way the AWS command line, version 2, writes it.

Members stand in the order of the declaration, timestamps are ISO 8601 in the local time zone,
binary values base64. ``--query`` is applied before formatting. Whatever the locale says, what is
written is UTF-8, and a value goes out character by character as it is stored.

See: https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-output-format.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from secretctl import json_text
from secretctl.cli.terminal import escaped_json, is_terminal, safe_lines, undelivered, wants_color
from secretctl.context import Context
from secretctl.errors import OutputError, UsageError
from secretctl.model.shapes import Operation, Shape
from secretctl.model.timestamps import UTC, datetime


def write(  # noqa: PLR0913 the options of the command line that decide how an answer looks
    answers: list[dict[str, object]],
    operation: Operation,
    *,
    output: str,
    query: str | None,
    context: Context,
    color: str,
    paginated: bool = False,
) -> None:
    """Write what was answered to standard output.

    Args:
        answers: One answer, or the pages of one for text and yaml-stream, which format each page
            by itself; by wire name, timestamps aware ``datetime``, blobs ``bytes``.
        operation: What was called.
        output: ``json``, ``text``, ``table``, ``yaml``, ``yaml-stream`` or ``off``.
        query: JMESPath expression, or None.
        context: Gives standard output.
        color: ``on``, ``off`` or ``auto`` (a terminal, and ``NO_COLOR`` is not set).
        paginated: The answer was put together from pages: their items come first, and
            ``NextToken`` is the client's own, which text writes as a section.

    Raises:
        UsageError: *query* is not an expression, or *output* not a format.
        OutputError: *query* fails on this answer, the answer does not fit the format, or it could
            not be written.
        BrokenPipeError: the reader has gone.
    """
    parts = [plain(answer, operation) for answer in answers]
    if paginated and operation.pages:
        parts = [_items_first(part, operation.pages.result) for part in parts]
    if output == "text" and paginated and operation.pages and "NextToken" in parts[-1]:
        parts.append({"NextToken": {"NextToken": parts[-1].pop("NextToken")}})
    found: list[object] = list(parts)
    if query is not None:
        from secretctl.cli.query import search

        found = [search(query, part) for part in parts]
    if output == "yaml-stream" and not paginated:
        found = [part for part in found if part != {}]
    formatter = _formatter(output, operation, context, color)
    deliver("".join(map(formatter, found)), context)


def write_list(pages: Iterable[dict[str, object]], operation: Operation, context: Context) -> None:
    """Write an answer that is one list as JSON, page by page: what `write` writes of all of them.

    Args:
        pages: Of an operation that has pages; the last may have more members.
        operation: What was called.
        context: Gives standard output.

    Raises:
        OutputError: it could not be written.
        BrokenPipeError: the reader has gone.
    """
    assert operation.pages is not None, "an answer in pages"
    name = operation.pages.result
    show = escaped_json if is_terminal(context.stdout) else str
    begun, rest, margin = False, {}, " " * 8
    for page in pages:
        rest = plain(page, operation)
        items = rest.pop(name)
        assert isinstance(items, list), "declared so"
        if items:
            lines = ",\n".join(margin + json_text.indented(item, margin) for item in items)
            before = ",\n" if begun else f'{{\n    "{name}": [\n'
            deliver(show(before + lines), context)
            begun = True
    # What follows the list is written as an answer without it would be.
    end = json_text.indented({name: [], **rest}).removeprefix(f'{{\n    "{name}": []')
    beginning = "\n    ]" if begun else f'{{\n    "{name}": []'
    deliver(show(f"{beginning}{end}\n"), context)


def plain(result: dict[str, object], operation: Operation) -> dict[str, object]:
    """Return *result* as JSON can hold it, members in the order of the declaration."""
    shape = Shape("structure", members=operation.output)
    answer = _plain(result, shape)
    assert isinstance(answer, dict)
    return answer


def _items_first(part: dict[str, object], result: str) -> dict[str, object]:
    """Return an answer put together from pages in AWS's order: the items, then all else."""
    return {name: part[name] for name in (result,) if name in part} | part


def _plain(value: object, shape: Shape | None) -> object:
    if isinstance(value, dict):
        return _plain_dict(value, shape)
    if isinstance(value, list | tuple):
        item = shape.item if shape is not None else None
        return [_plain(element, item) for element in value]
    if isinstance(value, str) and shape is not None and shape.document:
        return _taken_apart(value)
    if isinstance(value, bytes):
        from binascii import b2a_base64

        return b2a_base64(value, newline=False).decode()
    if isinstance(value, datetime):
        return _local(value).isoformat()
    return value


def _taken_apart(text: str) -> object:
    """Return what a document of JSON says, as AWS's clients do; the text where it is none."""
    try:
        return json_text.read(text)
    except (ValueError, RecursionError):
        return text


def _local(moment: datetime) -> datetime:
    """Return *moment* in the local time zone; in UTC where TZ is a day or more away from it."""
    try:
        return moment.astimezone()
    except (ValueError, OverflowError):
        return moment.astimezone(UTC)


def _plain_dict(value: dict[str, object], shape: Shape | None) -> dict[str, object]:
    if shape is None or not shape.members:
        item = shape.item if shape is not None else None
        return {name: _plain(element, item) for name, element in value.items()}
    known = {
        member.name: _plain(value[member.name], member.shape)
        for member in shape.members
        if member.name in value
    }
    rest = {name: _plain(value[name], None) for name in value if name not in known}
    return known | rest


def _formatter(
    output: str, operation: Operation, context: Context, color: str
) -> Callable[[object], str]:
    shown = is_terminal(context.stdout)
    if output == "json":
        return _as_shown_json if shown else as_json
    if output == "text":
        from secretctl.cli.output_text import as_text

        return (lambda found: safe_lines(as_text(found))) if shown else as_text
    if output == "table":
        from secretctl.cli.output_table import as_table, width_of

        width = width_of(context.stdout)
        colored = wants_color(color, context.stdout, context.environ)
        return lambda found: as_table(
            operation.name, found, width=width, colored=colored, shown=shown
        )
    if output in ("yaml", "yaml-stream"):
        from secretctl.cli.output_yaml import as_yaml, as_yaml_stream

        written = as_yaml if output == "yaml" else as_yaml_stream
        return lambda found: written(found, shown=shown)
    if output == "off":
        return lambda _found: ""
    raise UsageError(
        "the output format is none of json, text, table, yaml, yaml-stream, off",
        "secretctl configure set output json",
    )


def as_json(found: object) -> str:
    """Return JSON, indented by 4; nothing for an empty answer."""
    return "" if found == {} else json_text.indented(found) + "\n"


def _as_shown_json(found: object) -> str:
    """Return the same JSON with the characters that steer a terminal as escapes."""
    return escaped_json(as_json(found))


def deliver(text: str, context: Context) -> None:
    """Write *text* to standard output as UTF-8, all of it.

    Raises:
        OutputError: it could not be written.
        BrokenPipeError: the reader has gone.
    """
    try:
        content = text.encode()
    except UnicodeEncodeError:
        raise OutputError(
            "output not delivered: it holds a half of a surrogate pair, which is no character"
        ) from None
    deliver_bytes(content, context)


def deliver_bytes(content: bytes, context: Context) -> None:
    """Write *content* to standard output, all of it; errors as for `deliver`."""
    stdout = context.stdout
    try:
        buffer = getattr(stdout, "buffer", None)
        if buffer is None:
            stdout.write(content.decode("utf-8", "backslashreplace"))
        else:
            stdout.flush()
            buffer.write(content)
        stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise undelivered(error) from error
