"""Finding the program's own modules where they lie, without asking each of Python's finders.

Every start imports a hundred of them, and to look for one takes longer than to run it. Taken is
what Python would take: the byte code beside the source, of this interpreter and of the source as it
is now. Whatever is not just so is left to Python, which compiles it and says what is wrong with it.

See: https://peps.python.org/pep-3147/ (where byte code lies) and https://peps.python.org/pep-0552/
(how it begins)
"""

from __future__ import annotations

import os
import sys
from _frozen_importlib import ModuleSpec
from _frozen_importlib_external import MAGIC_NUMBER, SourceFileLoader
from _imp import _fix_co_filename  # type: ignore[attr-defined]  # not in the stubs
from marshal import loads

from secretctl.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import CodeType, ModuleType

_OURS = __name__.partition(".")[0] + "."
_HEAD_BYTES = 16
_LARGEST_BYTES = 1 << 16
_ENDING = f".{sys.implementation.cache_tag}.pyc"


class _Loader(SourceFileLoader):
    """Python's loader of a source file, which has its byte code already."""

    def __init__(self, name: str, source: str, code: CodeType) -> None:
        super().__init__(name, source)
        self._code = code

    def exec_module(self, module: ModuleType) -> None:
        """Run the module."""
        exec(self._code, module.__dict__)  # noqa: S102 to import is to do this


def install() -> None:
    """Find modules so from now on, in a process that is this program's own."""
    if not sys.flags.optimize and sys.pycache_prefix is None:
        sys.meta_path.insert(0, sys.modules[__name__])


def find_spec(
    name: str, path: Sequence[str] | None = None, _target: ModuleType | None = None
) -> ModuleSpec | None:
    """Return where a module of this program is; None leaves it to Python's finders."""
    if not path or not name.startswith(_OURS):
        return None
    base, last = path[0], name.rpartition(".")[2]
    found = _read(f"{base}/__pycache__/{last}{_ENDING}")
    if found:
        return _spec(name, f"{base}/{last}.py", found)
    base = f"{base}/{last}"
    found = _read(f"{base}/__pycache__/__init__{_ENDING}")
    return _spec(name, f"{base}/__init__.py", found, base) if found else None


def _read(path: str) -> tuple[str, bytes] | None:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        return path, os.read(handle, _LARGEST_BYTES)
    except OSError:
        return None
    finally:
        os.close(handle)


def _spec(
    name: str, source: str, cached: tuple[str, bytes], package: str = ""
) -> ModuleSpec | None:
    path, data = cached
    try:
        if data[:_HEAD_BYTES] != _head(source):
            return None
        code = loads(data[_HEAD_BYTES:])  # noqa: S302 as Python's own loader does
        _fix_co_filename(code, source)
    except (EOFError, ValueError, TypeError, OSError):
        return None
    spec = ModuleSpec(name, _Loader(name, source, code), origin=source, is_package=package != "")
    spec.has_location, spec.cached = True, path
    if package:
        spec.submodule_search_locations = [package]
    return spec


def _head(source: str) -> bytes:
    """Return how the byte code of *source*, as that is now, begins."""
    stat = os.stat(source)
    fields = 0, int(stat.st_mtime) & 0xFFFFFFFF, stat.st_size & 0xFFFFFFFF
    return MAGIC_NUMBER + b"".join([each.to_bytes(4, "little") for each in fields])
