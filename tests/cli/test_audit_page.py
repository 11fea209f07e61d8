"""The page of ``audit stats --html`` needs nothing else and holds no markup but its own."""

import re
from html.parser import HTMLParser

from secretctl.cli import audit_chart, audit_page
from secretctl.model.timestamps import moment
from tests.conftest import START_MS, World

EVIL = "</td><script>alert(1)</script>\u202e\x1b[2J\"'"
ANSWER: dict[str, object] = {
    "Days": [
        {"Day": "2026-11-23", "Reads": 3, "Changes": 1, "Errors": 0},
        {"Day": "2026-11-24", "Reads": 0, "Changes": 0, "Errors": 2},
    ],
    "Secrets": [
        {"Name": EVIL, "Reads": 3, "Changes": 1, "Errors": 0, "LastEventDate": moment(START_MS)},
        *(
            {"Name": f"s{n}", "Reads": 1, "Changes": 0, "Errors": 0, "LastEventDate": moment(0)}
            for n in range(30)
        ),
    ],
}


class Tags(HTMLParser):
    """Notes which elements there are, and checks that they are closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.seen.add(tag)
        self.links += [str(value) for name, value in attrs if name in ("src", "href", "onload")]
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the element that was opened last."""
        assert self.open.pop() == tag


def test_page_is_sound_and_needs_nothing_else() -> None:
    """Elements are closed, nothing is loaded or run, and both colour schemes are there."""
    page = audit_page.page(ANSWER, START_MS)
    tags = Tags()
    tags.feed(page)
    assert tags.open == []
    assert tags.links == []
    assert not tags.seen & {"script", "link", "img", "iframe", "object"}
    assert not re.search(r"https?:|url\(|@import", page)
    assert "default-src 'none'" in page
    assert "prefers-color-scheme: dark" in page


def test_page_shows_what_was_counted() -> None:
    """Totals, every day and every secret; the longest bar fills its cell."""
    page = audit_page.page(ANSWER, START_MS)
    assert "<b>3</b>" in page
    assert "2026-11-23 to 2026-11-24" in page
    assert page.count("<tr>") == 2 + 2 + 31
    assert 'style="width:75.000%"' in page
    assert '<i class="errors" style="width:50.000%"></i>' in page


def test_names_are_text_and_steer_nothing() -> None:
    """A name that is markup, or that turns the direction of writing, is shown as it is spelled."""
    page = audit_page.page(ANSWER, START_MS)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "\u202e" not in page
    assert "\x1b" not in page


def test_page_without_events_is_a_page() -> None:
    """Nothing to count is said."""
    page = audit_page.page({"Days": [], "Secrets": []}, START_MS)
    assert page.count('<p class="none">nothing</p>') == 2


def drawn(world: World, answer: dict[str, object], color: str = "off") -> str:
    """Return what is drawn on the terminal."""
    audit_chart.write(answer, color, world.context)
    text: str = world.context.stdout.buffer.getvalue().decode()  # type: ignore[attr-defined]  # a BytesIO
    return text


def test_chart_has_a_bar_for_each_row(world: World) -> None:
    """The longest fills the rest of the line, others their share; 80 columns are kept."""
    text = drawn(world, ANSWER)
    days = text.splitlines()[1:3]
    assert [line.split()[:4] for line in days] == [
        ["2026-11-23", "3", "1", "·"],
        ["2026-11-24", "·", "·", "2"],
    ]
    longest, half = (line.count("█") for line in days)
    assert 20 <= longest <= 40
    assert abs(half - longest / 2) <= 1
    assert max(map(len, text.splitlines())) <= 80
    assert "\x1b" not in text
    assert "\\x1b[2J" in re.sub(r"\s", "", text)
    assert "and 11 more: --output json" in text


def test_chart_is_colored_where_that_is_wanted(world: World) -> None:
    """Reads, changes and errors differ; without events there is a sentence."""
    assert "\x1b[36;49m█" in drawn(world, ANSWER, "on")
    assert drawn(world, {"Days": [], "Secrets": []}).endswith("no reads, changes or errors\n")
