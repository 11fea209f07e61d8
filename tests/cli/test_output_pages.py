"""A list is written page by page, and comes out as if it had been written whole."""

from collections.abc import Iterator

import pytest
import yaml

from secretctl.__main__ import main
from secretctl.cli.output import write, write_list
from secretctl.model.journal import LOOKUP_EVENTS
from tests.conftest import Service, World

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


def test_a_stream_has_the_pages_as_they_are_answered(world: World, service: Service) -> None:
    """With the token of the next, and none of the client's own where the list is cut: as aws."""
    for name in "abcd":
        service("CreateSecret", Name=name)
    line = "list-secrets --output yaml-stream --page-size 2 --max-items 3"
    assert main(line.split(), world.context) == 0
    first, second = yaml.safe_load(written(world))
    assert [entry["Name"] for entry in first["SecretList"] + second["SecretList"]] == [
        "a",
        "b",
        "c",
    ]
    token = first["NextToken"]
    following = service.raw("ListSecrets", MaxResults=2, NextToken=token)["SecretList"]
    assert [entry["Name"] for entry in following] == ["c", "d"]  # type: ignore[attr-defined]  # a list
    assert "NextToken" not in second


def test_a_stream_has_nothing_for_an_answer_that_says_nothing(
    world: World, service: Service
) -> None:
    """As in every other format."""
    service("CreateSecret", Name="a")
    line = "untag-resource --secret-id a --tag-keys k --output yaml-stream"
    assert main(line.split(), world.context) == 0
    assert written(world) == ""
