"""The program's own modules are found where Python would find them, or by Python."""

import compileall
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.machinery import PathFinder
from pathlib import Path

import pytest

from secretctl import finding

ROOT = Path(__file__).parents[1]
PROGRAM = "from secretctl.start import run; run()"
SOURCE = "secretctl/errors.py"
NO_VAULT = "secretctl: error: there is no vault"
HEAD_BYTES = 16


@pytest.fixture(scope="module")
def compiled() -> Path:
    """Compile the program as its starts would, and return where it lies."""
    compileall.compile_dir(ROOT / "secretctl", quiet=1)
    return ROOT / "secretctl"


@pytest.fixture(scope="module")
def whole(compiled: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a copy of the compiled program."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(compiled, folder / "secretctl")
    return folder


@pytest.fixture
def copy(whole: Path) -> Iterator[Path]:
    """Return that folder; what a test does to one of its sources is undone."""
    source = whole / SOURCE
    cached = cache_of(source)
    before = [(path, path.read_bytes(), path.stat().st_mtime_ns) for path in (source, cached)]
    yield whole
    for path, content, time_ns in before:
        path.write_bytes(content)
        os.utime(path, ns=(time_ns, time_ns))


def cache_of(source: Path) -> Path:
    """Return where Python keeps the byte code of *source*."""
    return Path(importlib.util.cache_from_source(str(source)))


def started(folder: Path, *flags: str, code: str = PROGRAM, **environ: str) -> str:
    """Return what the copy in *folder* says where there is no vault, on both streams."""
    given = {"HOME": str(folder), "PYTHONPATH": str(folder), **environ}
    done = subprocess.run(
        [sys.executable, *flags, "-c", code, "list-secrets"],
        cwd="/",
        env=given,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def found_quickly(folder: Path, **environ: str) -> set[str]:
    """Return which modules of the copy in *folder* are not found by Python's own finders."""
    code = f"""
import os, sys
from secretctl import finding, start
def tell(status):
    own = [each for each in sys.modules.items() if each[0].startswith("secretctl.")]
    names = [name for name, module in own if type(module.__loader__) is finding._Loader]
    os.write(2, ("QUICK " + " ".join(names)).encode())
    os.kill(os.getpid(), 9)
os._exit = tell
{PROGRAM}
"""
    return set(started(folder, code=code, **environ).rpartition("QUICK ")[2].split())


def test_every_module_is_found_where_python_finds_it(compiled: Path) -> None:
    """File, byte code, folder of a package and what the module says of itself are Python's."""
    for path in sorted(compiled.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        if "." not in name:
            continue
        folder = path.parent.parent if parts[-1] == "__init__" else path.parent
        ours, theirs = (
            finding.find_spec(name, [str(folder)]),
            PathFinder.find_spec(name, [str(folder)]),
        )
        assert ours is not None, name
        assert theirs is not None, name
        for said in ("name", "origin", "cached", "has_location", "parent"):
            assert getattr(ours, said) == getattr(theirs, said), (name, said)
        assert ours.submodule_search_locations == theirs.submodule_search_locations
        module = importlib.util.module_from_spec(ours)
        assert (module.__file__, module.__cached__) == (theirs.origin, theirs.cached)


def test_a_start_finds_its_modules_so(copy: Path) -> None:
    """From the second import on, none of the program's modules is looked for in other ways."""
    quick = found_quickly(copy)
    assert {"secretctl.__main__", "secretctl.errors", "secretctl.context"} <= quick


def test_a_changed_source_is_compiled_anew(copy: Path) -> None:
    """Byte code of another source, by time or size, is not run; its successor is found again."""
    source = copy / SOURCE
    before = source.stat()
    source.write_text(source.read_text() + "\nimport sys; sys.stderr.write('CHANGED')\n")
    os.utime(source, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert "CHANGED" in started(copy)
    assert "secretctl.errors" in found_quickly(copy)
    source.write_text(source.read_text().replace("CHANGED", "changed"))
    os.utime(source, ns=(before.st_atime_ns, before.st_mtime_ns + 1_000_000_000))
    assert "changed" in started(copy)


@pytest.mark.parametrize("left", [0, 3, HEAD_BYTES - 1])
def test_the_beginning_of_byte_code_is_made_anew(copy: Path, left: int) -> None:
    """What was cut short before its code begins is not run, and breaks nothing."""
    cached = cache_of(copy / SOURCE)
    cached.write_bytes(cached.read_bytes()[:left])
    assert "secretctl.errors" not in found_quickly(copy, PYTHONDONTWRITEBYTECODE="1")
    assert started(copy).startswith(NO_VAULT)
    assert "secretctl.errors" in found_quickly(copy)


@pytest.mark.parametrize("code", [b"", b"\xe3", b"N", b"\xff", bytes(200)])
def test_damaged_code_is_left_to_python(copy: Path, code: bytes) -> None:
    """What is no code is not found here, whatever Python says of it."""
    cached = cache_of(copy / SOURCE)
    cached.write_bytes(cached.read_bytes()[:HEAD_BYTES] + code)
    assert finding.find_spec("secretctl.errors", [str(copy / "secretctl")]) is None


@pytest.mark.parametrize("at", [0, 4, 8, 12])
def test_byte_code_of_another_kind_is_left_to_python(copy: Path, at: int) -> None:
    """Another interpreter's, one that is known by a hash, of another time or another size."""
    cached = cache_of(copy / SOURCE)
    data = bytearray(cached.read_bytes())
    data[at] ^= 1
    cached.write_bytes(data)
    assert "secretctl.errors" not in found_quickly(copy, PYTHONDONTWRITEBYTECODE="1")


def test_without_byte_code_python_compiles(tmp_path: Path) -> None:
    """A fresh copy runs, and is compiled for the next start."""
    fresh = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "secretctl", tmp_path / "secretctl", ignore=fresh)
    assert found_quickly(tmp_path, PYTHONDONTWRITEBYTECODE="1") == set()
    assert started(tmp_path).startswith(NO_VAULT)
    assert "secretctl.errors" in found_quickly(tmp_path)


def test_a_moved_program_says_where_it_is(copy: Path, tmp_path: Path) -> None:
    """Byte code that was compiled elsewhere names the source that is there now."""
    moved = tmp_path / SOURCE
    cache_of(moved).parent.mkdir(parents=True)
    shutil.copy2(copy / SOURCE, moved)
    shutil.copy2(cache_of(copy / SOURCE), cache_of(moved))
    spec = finding.find_spec("secretctl.errors", [str(moved.parent)])
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    assert spec.loader is not None
    spec.loader.exec_module(module)
    assert module.SecretctlError.__init__.__code__.co_filename == str(moved)


@pytest.mark.parametrize("variable", ["PYTHONOPTIMIZE", "PYTHONPYCACHEPREFIX"])
def test_where_byte_code_lies_elsewhere_python_finds_it(copy: Path, variable: str) -> None:
    """Optimized byte code, and that in another folder, are Python's to find."""
    way = {variable: "1" if variable == "PYTHONOPTIMIZE" else str(copy / "cache")}
    assert started(copy, **way).startswith(NO_VAULT)
    assert found_quickly(copy, **way) == set()


def test_modules_of_others_are_left_alone() -> None:
    """What is not of this package is never looked for."""
    assert finding.find_spec("os") is None
    assert finding.find_spec("json.decoder", [os.path.dirname(os.__file__) + "/json"]) is None
    assert finding.find_spec("secretctl.nowhere", [str(ROOT / "secretctl")]) is None


def test_a_library_changes_nothing_about_imports() -> None:
    """Only the program's own process finds so: whoever imports the package keeps Python's ways."""
    code = "import secretctl, secretctl.sdk, sys; print(sys.meta_path[0])"
    environ = {"PATH": "", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True
    )
    assert "finding" not in done.stdout
