"""Nothing is run that somebody else could have written, or put into the place of what is run."""

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from secretctl.rotation import commands, executable, python_function
from secretctl.rotation.registry import BUILTIN, EXECUTABLE, Registered
from secretctl.rotation.steps import RotationError
from tests.conftest import World, world_in
from tests.faults.test_kill_recorded import real_time
from tests.rotation import functions
from tests.rotation.conftest import Own, Rotator

Kind = Callable[[Path], Own]
OPEN, SHARED = 0o777, 0o1777
REPLACED = "others may write to the folder"
ADDED = "others may put files beside it"


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A home with the clock that the function has, which signs its requests."""
    return real_time(world_in(tmp_path / "home"))


def script(path: Path, interpreter: str = "/bin/sh") -> Path:
    """Write a program that does nothing, and tells in a file that it ran."""
    path.write_text(f"#!{interpreter}\necho > {path}.ran\n")
    path.chmod(0o700)
    return path


def by_python(rotator: Rotator, file: Path, python: str = sys.executable) -> Own:
    """Return a function in Python."""
    file.write_text(f"open({str(file) + '.ran'!r}, 'w')\n{functions.PLAIN}")
    pin = hashlib.sha256(file.read_bytes()).hexdigest()
    registered = Registered("mine", str(file), python=python, sha256=pin)
    return Own(rotator, registered, python_function.prepared)


def by_program(rotator: Rotator, file: Path, interpreter: str = "/bin/sh") -> Own:
    """Return a function that is a program."""
    registered = Registered("mine", str(script(file, interpreter)), EXECUTABLE)
    return Own(rotator, registered, executable.prepared)


def by_command(rotator: Rotator, file: Path) -> Own:
    """Return a function that is a command."""
    settings: dict[str, object] = {"set": [str(script(file))]}
    registered = Registered("mine", "builtin/exec", BUILTIN, settings=settings)
    return Own(rotator, registered, commands.prepared)


@pytest.mark.parametrize(("mode", "said"), [(OPEN, REPLACED), (SHARED, ADDED)])
@pytest.mark.parametrize("made", [by_python, by_program, by_command])
def test_no_function_runs_out_of_a_folder_of_others(
    rotator: Rotator, tmp_path: Path, made: Callable[..., Own], mode: int, said: str
) -> None:
    """Pinned or not: they could put another there, or what it imports. Its test says so, too."""
    folder = tmp_path / "folder"
    folder.mkdir()
    own = made(rotator, folder / "function.py")
    folder.chmod(mode)
    with pytest.raises(RotationError, match=said):
        own.check()
    version = own.begin()
    with pytest.raises(RotationError, match=said):
        own.again(version)
    assert not Path(f"{folder}/function.py.ran").exists()
    folder.chmod(0o755)
    own.check()


@pytest.mark.parametrize("made", [by_python, by_program])
def test_no_interpreter_runs_out_of_a_folder_of_others(
    rotator: Rotator, tmp_path: Path, made: Callable[..., Own]
) -> None:
    """That of a function in Python, or of the first line of a script."""
    folder = tmp_path / "bin"
    folder.mkdir()
    interpreter = folder / "interpreter"
    interpreter.symlink_to("/bin/sh" if made is by_program else sys.executable)
    own = made(rotator, tmp_path / "function.py", str(interpreter))
    for mode, said in ((OPEN, REPLACED), (SHARED, ADDED)):
        folder.chmod(mode)
        version = own.begin() if mode == OPEN else own.pending
        with pytest.raises(RotationError, match=f"interpreter .* is not run: {said}"):
            own.again(version)
    assert not Path(f"{own.file}.ran").exists()


def test_what_others_may_write_is_no_interpreter(rotator: Rotator, tmp_path: Path) -> None:
    """Nor a file of somebody else's in a folder of one's own."""
    interpreter = script(tmp_path / "python")
    interpreter.chmod(0o722)
    own = by_python(rotator, tmp_path / "f.py", str(interpreter))
    with pytest.raises(RotationError, match="could have written the interpreter"):
        own.check()


def test_a_program_is_run_from_where_it_was_looked_at(
    rotator: Rotator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folders of PATH that begin where one stands lead to none."""
    folder = tmp_path / "bin"
    folder.mkdir()
    script(folder / "rotate-it")
    monkeypatch.chdir(tmp_path)
    settings: dict[str, object] = {"set": ["rotate-it"]}
    for path, is_found in (("bin", False), (str(folder), True)):
        registered = Registered(
            *("mine", "builtin/exec", BUILTIN), settings=settings, env=(("PATH", path),)
        )
        own = Own(rotator, registered, commands.prepared)
        version = own.begin() if path == "bin" else own.pending
        if is_found:
            own.again(version)
        else:
            with pytest.raises(RotationError, match="is not there, or not executable"):
                own.again(version)
    assert (folder / "rotate-it.ran").exists()
