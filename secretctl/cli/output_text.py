"""The ``text`` format: lines of fields divided by tabs, as scripts read them.

* A structure is one line: the section's name in capitals (none at the top), then its scalar
  members sorted by name; members that are lists or structures follow as lines of their own.
* In a list of structures every line has the same columns: a member that is missing is empty.
* A list of scalars is a line for each under a section's name, one line of fields without.
"""

from collections.abc import Iterable


def as_text(found: object) -> str:
    """Return *found* as lines."""
    return "".join(f"{line}\n" for line in _lines(found, "", None))


def _lines(found: object, section: str, columns: list[str] | None) -> Iterable[str]:
    if isinstance(found, dict):
        yield from _structure(found, section, columns)
    elif isinstance(found, list):
        yield from _list(found, section)
    else:
        yield str(found)


def _structure(found: dict[str, object], section: str, columns: list[str] | None) -> Iterable[str]:
    if columns is None:
        columns = _scalar_names([found])
    if columns:
        fields = [str(found.get(name, "")) for name in columns]
        yield "\t".join([section.upper(), *fields] if section else fields)
    for name in sorted(found.keys() - set(columns)):
        yield from _lines(found[name], name, None)


def _list(found: list[object], section: str) -> Iterable[str]:
    structures = [element for element in found if isinstance(element, dict)]
    if structures:
        columns = _scalar_names(structures)
        for element in found:
            yield from _lines(element, section, columns)
        return
    scalars = [str(element) for element in found if not isinstance(element, list)]
    if section:
        yield from (f"{section.upper()}\t{scalar}" for scalar in scalars)
    elif scalars:
        yield "\t".join(scalars)
    for element in found:
        if isinstance(element, list):
            yield from _list(element, section)


def _scalar_names(structures: list[dict[str, object]]) -> list[str]:
    return sorted(
        {
            name
            for structure in structures
            for name, value in structure.items()
            if not isinstance(value, dict | list)
        }
    )
