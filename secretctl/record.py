"""Named tuples without the start of ``typing``, and sooner made than those of ``collections``.

For a type checker this is ``typing.NamedTuple``. When running, ``typing`` would bring ``re``,
``enum`` and ``functools`` with it and cost half as much as the interpreter itself, and
``collections.namedtuple`` compiles a constructor for each class. Here one stands for each number of
fields, and a copy of it gets their names. A module that declares a record begins with
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
    _CONSTRUCTORS = (
        lambda c, a: _new(c, (a,)),
        lambda c, a, b: _new(c, (a, b)),
        lambda c, a, b, d: _new(c, (a, b, d)),
        lambda c, a, b, d, e: _new(c, (a, b, d, e)),
        lambda c, a, b, d, e, f: _new(c, (a, b, d, e, f)),
        lambda c, a, b, d, e, f, g: _new(c, (a, b, d, e, f, g)),
        lambda c, a, b, d, e, f, g, h: _new(c, (a, b, d, e, f, g, h)),
        lambda c, a, b, d, e, f, g, h, i: _new(c, (a, b, d, e, f, g, h, i)),
        lambda c, a, b, d, e, f, g, h, i, j: _new(c, (a, b, d, e, f, g, h, i, j)),
        lambda c, a, b, d, e, f, g, h, i, j, k: _new(c, (a, b, d, e, f, g, h, i, j, k)),
        lambda c, a, b, d, e, f, g, h, i, j, k, m: _new(c, (a, b, d, e, f, g, h, i, j, k, m)),
        lambda c, a, b, d, e, f, g, h, i, j, k, m, n: _new(c, (a, b, d, e, f, g, h, i, j, k, m, n)),
        lambda c, a, b, d, e, f, g, h, i, j, k, m, n, o: _new(
            c, (a, b, d, e, f, g, h, i, j, k, m, n, o)
        ),
        lambda c, a, b, d, e, f, g, h, i, j, k, m, n, o, p: _new(
            c, (a, b, d, e, f, g, h, i, j, k, m, n, o, p)
        ),
        lambda c, a, b, d, e, f, g, h, i, j, k, m, n, o, p, q: _new(
            c, (a, b, d, e, f, g, h, i, j, k, m, n, o, p, q)
        ),
        lambda c, a, b, d, e, f, g, h, i, j, k, m, n, o, p, q, r: _new(
            c, (a, b, d, e, f, g, h, i, j, k, m, n, o, p, q, r)
        ),
        lambda c, a, b, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s: _new(
            c, (a, b, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s)
        ),
        lambda c, a, b, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t: _new(
            c, (a, b, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t)
        ),
        lambda c, a, b, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t, u: _new(
            c, (a, b, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t, u)
        ),
        lambda c, a, b, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t, u, v: _new(
            c, (a, b, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t, u, v)
        ),
    )
    """By the number of fields, from one on: to compile them is 4 % of a ``get-secret-value``."""

    def _constructor(name, fields, defaults):
        """Return ``__new__`` of a class with those fields."""
        made = _CONSTRUCTORS[len(fields) - 1]
        names = {"co_varnames": ("cls", *fields), "co_qualname": f"{name}.__new__"}
        code = made.__code__.replace(co_name="__new__", **names)
        return type(made)(code, made.__globals__, "__new__", defaults)
