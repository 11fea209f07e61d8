"""Cut an input into cases: one JSON object over many lines, or one on each line."""

from __future__ import annotations

from secretctl.policy import strict_json
from secretctl.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def cases(lines: Iterable[str]) -> Iterator[str]:
    """Yield the text of each case, right or wrong; lines are read on only as they are needed."""
    rest = iter(lines)
    first = next((line for line in rest if line.strip()), "")
    if not first:
        return
    if _is_json(first):
        yield first
    else:
        whole = [first, *rest]
        rest = iter(() if _is_one(whole) else whole)
        if _is_one(whole):
            yield "".join(whole)
    yield from (line for line in rest if line.strip())


def _is_one(lines: list[str]) -> bool:
    """Tell whether *lines* are one object, or one that is broken: no other begins at a margin."""
    if _is_json("".join(lines)):
        return True
    return lines[0].startswith("{") and not any(line.startswith("{") for line in lines[1:])


def _is_json(text: str) -> bool:
    try:
        strict_json.read(text)
    except ValueError:
        return False
    return True
