"""Named tuples without the start of ``typing``, and sooner made than those of ``collections``.

For a type checker this is ``typing.NamedTuple``. When running, ``typing`` would bring ``re``,
``enum`` and ``functools`` with it and cost half as much as the interpreter itself, and
``collections.namedtuple`` compiles a constructor for each class. Here one is compiled for each
number of fields, and a copy of it gets their names. A module that declares a record begins with
``from __future__ import annotations``, so that annotations stay text.
"""

from __future__ import annotations

__all__ = ["TYPE_CHECKING", "NamedTuple"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple
else:
    try:
        from _collections import _tuplegetter as field_at
    except ImportError:  # pragma: no cover - another interpreter
        from operator import itemgetter

        def field_at(index, doc):
            """Return what reads a field."""
            return property(itemgetter(index), doc=doc)

    class _Declared(type):
        """Turns the body of a class into a named tuple with its methods and defaults."""

        def __new__(cls, name, bases, body):
            if not bases:
                return super().__new__(cls, name, bases, body)
            fields = tuple(body.pop("__annotations__"))
            defaults = {field: body.pop(field) for field in fields if field in body}
            body |= {field: field_at(index, "") for index, field in enumerate(fields)}
            body["__slots__"] = ()
            body["__new__"] = _constructor(name, fields, tuple(defaults.values()))
            body["__match_args__"] = body["_fields"] = fields
            body["_field_defaults"] = defaults
            return type(name, (_Record,), body)

    class NamedTuple(metaclass=_Declared):
        """What ``typing.NamedTuple`` is to a declaration."""

    class _Record(tuple):
        """What all records do."""

        __slots__ = ()

        @classmethod
        def _make(cls, values):
            return cls(*values)

        def _replace(self, /, **changes):
            made = _new(type(self), map(changes.pop, self._fields, self))
            if changes:
                raise ValueError(f"{type(self).__name__} has no fields {list(changes)}")
            return made

        def _asdict(self):
            return dict(zip(self._fields, self))  # noqa: B905 of one length

        def __repr__(self):
            shown = [f"{field}={value!r}" for field, value in self._asdict().items()]
            return f"{type(self).__name__}({', '.join(shown)})"

        def __getnewargs__(self):
            return tuple(self)

    _new = tuple.__new__
    _compiled = {}

    def _constructor(name, fields, defaults):
        """Return ``__new__`` of a class with those fields."""
        count = len(fields)
        if count not in _compiled:
            names = "".join([f"field{number}, " for number in range(count)])
            text = f"def __new__(cls, {names}): return new(cls, ({names}))"
            exec(text, _compiled.setdefault(count, {"new": _new}))  # noqa: S102 of a number alone
        made = _compiled[count]["__new__"]
        names = {"co_varnames": ("cls", *fields), "co_qualname": f"{name}.__new__"}
        return type(made)(made.__code__.replace(**names), made.__globals__, "__new__", defaults)
