"""Named tuples without the start of ``typing``.

For a type checker this is ``typing.NamedTuple``. When running, ``typing`` would bring ``re``,
``enum`` and ``functools`` with it and cost half as much as the interpreter itself; what is left is
``collections.namedtuple``, made from the fields as they are declared. A module that declares one
begins with ``from __future__ import annotations``, so that annotations stay text.
"""

from __future__ import annotations

__all__ = ["TYPE_CHECKING", "NamedTuple"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from collections import namedtuple

    class _Declared(type):
        """Turns the body of a class into a named tuple with its methods and defaults."""

        def __new__(cls, name, bases, body):
            if not bases:
                return super().__new__(cls, name, bases, body)
            fields = body.pop("__annotations__")
            defaults = [body.pop(field) for field in fields if field in body]
            made = namedtuple(name, fields, defaults=defaults, module=body.pop("__module__"))
            for attribute, value in body.items():
                setattr(made, attribute, value)
            return made

    class NamedTuple(metaclass=_Declared):
        """What ``typing.NamedTuple`` is to a declaration."""
