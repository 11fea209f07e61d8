"""Masking: what is found, and that it does not matter how a stream is divided."""

import os
import random
import re
import time
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from secretctl.delivery import masking_pairs
from secretctl.delivery.masking import MASK, Masker, searched
from secretctl.delivery.masking_edges import AcrossEdges
from secretctl.delivery.masking_folding import Foldable

FULL = os.environ.get("SECRETCTL_TEST_FULL") == "1"
CHUNKINGS = 1_000_000 if FULL else 20_000
LETTERS = st.binary(min_size=0, max_size=60).map(lambda raw: bytes(b"ab\n"[one % 3] for one in raw))
ODD = st.lists(st.sampled_from(b"\xc8\xcc\xd8\xdc\0a"), min_size=2, max_size=9).map(bytes)
"""Of bytes that are read alike where pairs of them are looked at."""

PATTERNS = st.lists(LETTERS.filter(lambda raw: len(raw) >= 2), max_size=5)


def masked(patterns: list[bytes], *chunks: bytes) -> bytes:
    """Return what comes out when *chunks* go in."""
    masker = Masker(searched(patterns))
    return b"".join([*map(masker.feed, chunks), masker.finish()])


def by_definition(patterns: list[bytes], data: bytes) -> bytes:
    """Mask every byte of every occurrence, one mask for each run of them."""
    places = [
        (at, at + len(pattern))
        for pattern in patterns
        for at in range(len(data))
        if data.startswith(pattern, at)
    ]
    return by_places(places, data)


def by_places(places: list[tuple[int, int]], data: bytes) -> bytes:
    """Mask *places* of *data*."""
    hidden = [False] * len(data)
    for begin, end in places:
        hidden[begin:end] = [True] * (end - begin)
    out = b""
    for at, is_hidden in enumerate(hidden):
        if not is_hidden:
            out += data[at : at + 1]
        elif at == 0 or not hidden[at - 1]:
            out += MASK
    return out


def divided(data: bytes, cuts: list[int]) -> list[bytes]:
    """Divide *data* at *cuts*."""
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[begin:end] for begin, end in pairwise(places)]


@settings(max_examples=2000 if FULL else 300, deadline=None)
@given(PATTERNS, st.lists(LETTERS, max_size=6), st.lists(st.integers(0, 400), max_size=12))
@example([b"aa"], [b"aaa", b"a"], [3, 3])
@example([b"ab", b"bb"], [b"abb"], [1, 2])
@example([b"aab", b"ab"], [b"aaab"], [2])
@example([b"ababab", b"bababa"], [b"abababa"], [1, 6])
def test_output_is_as_defined_however_input_is_divided(
    patterns: list[bytes], parts: list[bytes], cuts: list[int]
) -> None:
    """Patterns that overlap, repeat, contain each other: the definition, from any chunks."""
    data = b"".join([piece for part in parts for piece in (part, *patterns[:2])])
    assert masked(patterns, *divided(data, cuts)) == by_definition(patterns, data)


def folded_by_definition(form: bytes, data: bytes) -> bytes:
    """Mask *form* from each of its first six bytes on, in lines of 20, but the ends, 6 and 1."""
    places = []
    for first in range(6):
        gaps = b"(\r?\n)?".join(re.escape(form[at : at + 1]) for at in range(first, len(form)))
        for at in range(len(data)):
            found = re.compile(gaps).match(data, at)
            lines = re.split(rb"\r?\n", found[0]) if found else [b""]
            enough = all(len(line) >= (20 if n else 6) for n, line in enumerate(lines[:-1]))
            if found and enough:
                places.append(found.span())
    return by_places(places, data)


@pytest.mark.parametrize(
    "data", [b"a" * 15 + b"\n\n" + b"a" * 9, b"a" * 23 + b"\r\na", b"\r\n" + b"a" * 9 + b"\na" * 15]
)
def test_form_in_lines_that_repeats_itself_is_found_as_defined(data: bytes) -> None:
    """Two line ends in a row are none in between; the last line may have one character."""
    form = b"a" * 24
    assert masked([Foldable(form)], data) == folded_by_definition(form, data)


@settings(max_examples=2000 if FULL else 300, deadline=None)
@given(st.data())
def test_form_in_lines_is_found_however_input_is_divided(draw: st.DataObject) -> None:
    """With line ends anywhere, from anywhere, beside another pattern that makes words sparse."""
    letters = draw.draw(st.sampled_from([b"ab", b"abcdefgh"]))
    form = bytes(draw.draw(st.lists(st.sampled_from(letters), min_size=24, max_size=70)))
    pieces = []
    for _ in range(draw.draw(st.integers(1, 3))):
        part = form[draw.draw(st.integers(0, 8)) :]
        for cut in sorted(draw.draw(st.lists(st.integers(0, 70), max_size=3)), reverse=True):
            line_end = draw.draw(st.sampled_from([b"\n", b"\r\n", b"\r"]))
            part = part[:cut] + line_end + part[cut:]
        pieces += [part, bytes(draw.draw(st.lists(st.sampled_from(b"ab\n"), max_size=9)))]
    data = b"".join(pieces)
    cuts = draw.draw(st.lists(st.integers(0, 200), max_size=8))
    assert masked([Foldable(form)], *divided(data, cuts)) == folded_by_definition(form, data)


def on_terminal(patterns: list[bytes], *chunks: bytes) -> bytes:
    """Return what comes out on a terminal when *chunks* go in."""
    masker = Masker(AcrossEdges(searched(patterns)))
    return b"".join([*map(masker.feed, chunks), masker.finish()])


ON_SCREEN = st.lists(st.sampled_from([b"a", b"b", b"ab", b" \b", b" \r", b" ", b"\b"]), max_size=30)


@settings(max_examples=2000 if FULL else 300, deadline=None)
@given(PATTERNS, ON_SCREEN, st.lists(st.integers(0, 60), max_size=12))
@example([b"hunter"], [b"hun", b" \b", b"ter"], [3, 4, 5])
def test_value_across_the_edge_of_a_terminal_is_found(
    patterns: list[bytes], pieces: list[bytes], cuts: list[int]
) -> None:
    """As less and readline write it, in rows as short as may be, however input is divided."""
    data, places = b"".join(pieces), []
    for pattern in patterns:
        across = b"(?: [\b\r])*".join(re.escape(pattern[at : at + 1]) for at in range(len(pattern)))
        found = [re.compile(across).match(data, at) for at in range(len(data))]
        places += [each.span() for each in found if each]
    assert on_terminal(patterns, *divided(data, cuts)) == by_places(places, data)


@settings(deadline=None)
@given(
    st.lists(st.sampled_from([b"a b", b" a", b"b ", b" \b", b"a \ra"]), max_size=3),
    ON_SCREEN,
    st.lists(st.integers(0, 60), max_size=12),
)
def test_values_with_blanks_are_found_on_a_terminal(
    patterns: list[bytes], pieces: list[bytes], cuts: list[int]
) -> None:
    """However input is divided, none is left as it is."""
    out = on_terminal(patterns, *divided(b"".join(pieces), cuts))
    assert not any(pattern in out for pattern in patterns)


def test_every_chunking_gives_the_output_of_one_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Random chunkings, a million of them in the full run, of random patterns and streams."""
    random_ = random.Random(5)
    streams = 100
    for _ in range(streams):
        alphabet = random_.choice([b"ab", b"abc\n", bytes(range(256))])
        count, longest = random_.choice([(4, 30), (20, 9), (20, 30)])
        lengths = [random_.randint(2, longest) for _ in range(count)]
        patterns = [bytes(random_.choices(alphabet, k=length)) for length in lengths]
        monkeypatch.setattr(masking_pairs, "_WORTH", random_.choice([0, 1 << 18]))
        parts = [
            random_.choice([*patterns, bytes(random_.choices(alphabet, k=5))]) for _ in "12345678"
        ]
        data = b"".join(parts)
        ready = searched(patterns)
        expected = by_definition(patterns, data)
        for _ in range(CHUNKINGS // streams):
            cuts = [random_.randrange(len(data) + 1) for _ in range(random_.randint(0, 9))]
            masker = Masker(ready)
            out = [masker.feed(chunk) for chunk in divided(data, cuts)]
            assert b"".join([*out, masker.finish()]) == expected


@settings(max_examples=2000 if FULL else 100, deadline=None)
@given(
    st.lists(ODD, min_size=13, max_size=20, unique=True), st.binary(), st.lists(ODD), st.booleans()
)
def test_many_short_patterns_are_found_as_defined(
    patterns: list[bytes],
    before: bytes,
    parts: list[bytes],
    is_long: bool,  # noqa: FBT001 drawn
) -> None:
    """From the begin of a stream and far into it, with bytes that are halves of characters."""
    data = before + b"".join(parts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(masking_pairs, "_WORTH", 0 if is_long else 1 << 18)
        assert masked(patterns, data) == by_definition(patterns, data)


@pytest.mark.parametrize("length", [2, 3, 6, 7, 8, 10, 11, 18, 19, 20, 500, 1024])
def test_pattern_is_found_at_every_place(length: int) -> None:
    """Wherever it begins, alone or beside a shorter one; its bytes are of every kind."""
    pattern = bytes([7 * one % 251 for one in range(length)])
    for patterns in ([pattern], [pattern, b"\xfe\xff\xfe"]):
        for before in range(40):
            for behind in (0, 1, 2, 3, 50):
                data = b"\xfd" * before + pattern + b"\xfd" * behind
                expected = b"\xfd" * before + MASK + b"\xfd" * behind
                assert masked(patterns, data) == expected


def test_only_the_possible_begin_is_held_back() -> None:
    """What cannot become an occurrence any more has gone out; what can has not."""
    masker = Masker(searched([b"hunter22", b"tern"]))
    assert masker.feed(b"password: ") == b"password: "
    assert masker.feed(b"hun") == b""
    assert masker.feed(b"te") == b""
    assert masker.feed(b"d") == b"hunted"
    assert masker.feed(b"\nhunter2") == b"\n"
    assert masker.feed(b"2") == MASK
    assert masker.feed(b"hunter22") == b""
    assert masker.feed(b".") == b"."
    assert masker.feed(b"t") == b""
    assert masker.finish() == b"t"


@given(st.binary(max_size=3000))
def test_everything_else_goes_through_as_it_is(data: bytes) -> None:
    """Binary and colours are untouched."""
    pattern = b"\x1b[31mvery secret\x1b[0m"
    assert masked([pattern], data) == data
    assert masked([], data) == data


@pytest.mark.parametrize("pattern", [b"", b"x"])
def test_pattern_that_would_match_everywhere_is_refused(pattern: bytes) -> None:
    """Neither an empty pattern nor one of one character."""
    with pytest.raises(ValueError, match="less than two"):
        searched([b"enough", pattern])


@pytest.mark.parametrize(
    ("pattern", "unit"),
    [(b"a" * 1024, b"a"), (b"a" * 1023 + b"b", b"a"), (b"ab" * 300, b"ab"), (b"aa", b"a")],
)
def test_time_is_linear_in_the_input(pattern: bytes, unit: bytes) -> None:
    """Four times the input of the worst kind takes about four times as long, not sixteen times."""

    def seconds(size: int) -> float:
        data = unit * (size // len(unit))
        start = time.process_time()
        masked([pattern], *(data[at : at + 65536] for at in range(0, size, 65536)))
        return time.process_time() - start

    small = min(seconds(1 << 17) for _ in range(3))
    assert min(seconds(1 << 19) for _ in range(2)) < 10 * small + 0.05
