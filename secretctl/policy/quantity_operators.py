"""Operators that compare numbers, times, truth values, bytes and addresses."""

from __future__ import annotations

from secretctl.policy import quantities
from secretctl.record import TYPE_CHECKING

if TYPE_CHECKING:
    from secretctl.policy.operators import Family, Test
    from secretctl.policy.variables import Part


def _number(template: tuple[Part, ...], relation: str) -> object:
    return _related(quantities.number(template[0].text), relation, "a decimal number")


def _date(template: tuple[Part, ...], relation: str) -> object:
    return _related(quantities.moment(template[0].text), relation, "a time")


def _related(bound: quantities.Number | None, relation: str, kind: str) -> object:
    if bound is None:
        raise ValueError(f"the value is not {kind}")
    tests: dict[str, Test] = {
        "<": lambda given, _: given < bound,
        "<=": lambda given, _: given <= bound,
        ">": lambda given, _: given > bound,
        ">=": lambda given, _: given >= bound,
    }
    return tests.get(relation, bound)


def _truth(template: tuple[Part, ...], _relation: str) -> bool:
    found = quantities.truth(template[0].text)
    if found is None:
        raise ValueError("the value is not true or false")
    return found


def _octets(template: tuple[Part, ...], _relation: str) -> bytes:
    found = quantities.octets(template[0].text)
    if found is None:
        raise ValueError("the value is not base64")
    return found


def _network(template: tuple[Part, ...], _relation: str) -> Test:
    found = quantities.network(template[0].text)
    if found is None:
        raise ValueError("the value is not an address or CIDR block")
    return lambda given, _: quantities.contains(found, given)


FAMILIES: dict[str, Family] = {
    "Numeric": (quantities.number, _number),
    "Date": (quantities.moment, _date),
    "Bool": (quantities.truth, _truth),
    "Binary": (quantities.octets, _octets),
    "Ip": (quantities.network, _network),
    "Null": (None, _truth),
}
