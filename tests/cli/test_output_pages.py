"""A list is written page by page, and comes out as if it had been written whole."""

from collections.abc import Iterator

import pytest

from secretctl.cli.output import write, write_list
from secretctl.model.journal import LOOKUP_EVENTS
from tests.conftest import World

Page = dict[str, object]
ONE: Page = {
    "Events": [{"EventName": "A", "Resources": [{"ResourceName": "x"}]}, {"EventName": ""}]
}
TWO: Page = {"Events": [{"EventName": 'B"\n'}]}
LAST: Page = {"Events": [{"EventName": "C"}], "NextToken": "more"}
NONE: Page = {"Events": []}


def written(world: World) -> str:
    """Return what was written so far."""
    buffer = world.context.stdout.buffer
    text: str = buffer.getvalue().decode()  # type: ignore[attr-defined]  # a BytesIO
    return text


@pytest.mark.parametrize(
    "pages",
    [[ONE], [ONE, TWO, LAST], [NONE], [NONE, LAST], [NONE | {"NextToken": "t"}], [ONE, NONE]],
)
def test_pages_are_the_whole(world: World, pages: list[Page]) -> None:
    """Byte for byte what one answer of all of them is written as."""
    write_list(iter([dict(page) for page in pages]), LOOKUP_EVENTS, world.context)
    found = written(world)
    whole: Page = {"Events": [each for page in pages for each in page["Events"]]}  # type: ignore[attr-defined]  # lists
    rest = {name: each for name, each in pages[-1].items() if name != "Events"}
    write(
        [whole | rest],
        LOOKUP_EVENTS,
        output="json",
        query=None,
        context=world.context,
        color="off",
    )
    assert written(world) == found * 2


def test_page_is_out_before_the_next_is_asked_for(world: World) -> None:
    """Nothing is gathered: a journal may be larger than memory."""
    asked: list[str] = []

    def pages() -> Iterator[Page]:
        yield dict(ONE)
        asked.append(written(world))
        yield dict(TWO)

    write_list(pages(), LOOKUP_EVENTS, world.context)
    assert '"EventName": "A"' in asked[0]
