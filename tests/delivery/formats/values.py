"""Values to carry: hypothesis' text and every short mixture of characters that mean something."""

import itertools
from collections.abc import Callable, Sequence
from functools import cache

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from secretctl.delivery.environment import Variable
from secretctl.delivery.formats import writer
from secretctl.errors import DeliveryError

MEANT = "'\"\\$`{}n \n\r\t#!=%;:,&<>|~*\x01\x7f\x85\u2028\u2019\ufeff\u0301"
_SHORT = "'\"\\$`{}n \n\r#%"
_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
_MIXED = st.text(st.sampled_from(MEANT), max_size=20)


def _collected() -> list[str]:
    found: dict[str, None] = {}

    @settings(
        max_examples=400,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(st.one_of(_TEXT, _MIXED))
    def collect(value: str) -> None:
        found[value] = None

    collect()
    return list(found)


@cache
def variables() -> list[Variable]:
    """Return some three thousand variables, V0 and so on, to be written and read in one go."""
    plane = [chr(code) for code in (*range(1, 0x180), 0xF600, 0xFDD0, 0xFFFD, 0xFFFF, 0x1F600)]
    mixed = ["".join(each) for size in (2, 3) for each in itertools.product(_SHORT, repeat=size)]
    found = dict.fromkeys(["", *plane, *mixed, "{}", "x" * 5000, *_collected()])
    return [Variable(f"V{place}", value, f"'s{place}'") for place, value in enumerate(found)]


def is_carried(form: str, variable: Variable) -> bool:
    """Tell whether the format takes a variable."""
    try:
        writer(form)([variable])
    except DeliveryError:
        return False
    return True


def check(
    form: str, read: Callable[[str], dict[str, str]], offered: Sequence[Variable] | None = None
) -> int:
    """Check that a consumer reads back every value that *form* takes; return how many it refused.

    Args:
        form: The format.
        read: Given the text, returns what the consumer makes of it.
        offered: What is written; `variables` if left out.
    """
    offered = variables() if offered is None else offered
    carried = [variable for variable in offered if is_carried(form, variable)]
    found = read(writer(form)(carried))
    changed = {
        variable.value: found.get(variable.name)
        for variable in carried
        if found.get(variable.name) != variable.value
    }
    assert changed == {}
    assert len(carried) > len(offered) / 2, "a format that refuses most is none"
    return len(offered) - len(carried)
