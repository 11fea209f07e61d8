"""The user's own functions in the configuration file."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretctl.errors import ConfigError
from secretctl.rotation import registry
from secretctl.rotation.functions import BUILTINS
from secretctl.rotation.registry import Registered
from tests.cli.machine import Machine
from tests.conftest import World, world_in
from tests.faults.commands import ROOT
from tests.faults.test_kill_recorded import real_time
from tests.rotation import functions, programs
from tests.rotation.conftest import is_running

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:mine"
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=9)
NAMES = st.from_regex(r"[A-Za-z0-9_-]{1,9}", fullmatch=True)
PATHS = TEXTS.map("/".__add__)
PROGRAMS = TEXTS.filter(lambda text: "/" not in text) | PATHS
"""As a command names one: to be found in PATH, or where it lies."""

PAIRS = st.lists(st.tuples(TEXTS, TEXTS), max_size=3, unique_by=lambda pair: pair[0])
COMMON: dict[str, Any] = {
    "sha256": st.sampled_from(["", "ab" * 32]),
    "timeout_s": st.integers(1, 900),
    "env": PAIRS.map(tuple),
    "read": st.lists(NAMES | st.just("arn:aws:secretsmanager:a:1:secret:b"), max_size=3).map(tuple),
    "secrets": st.lists(TEXTS, max_size=3).map(tuple),
}


@given(
    st.builds(Registered, NAMES, PATHS, handler=TEXTS, python=PATHS, **COMMON)
    | st.builds(Registered, NAMES, PATHS, st.just(registry.EXECUTABLE), **COMMON)
    | st.builds(
        Registered,
        NAMES,
        st.sampled_from(list(BUILTINS)),
        st.just(registry.BUILTIN),
        read=COMMON["read"],
        secrets=COMMON["secrets"],
    )
    | st.builds(
        Registered,
        NAMES,
        st.just("builtin/exec"),
        st.just(registry.BUILTIN),
        timeout_s=COMMON["timeout_s"],
        secrets=COMMON["secrets"],
        settings=st.fixed_dictionaries(
            {"set": st.tuples(PROGRAMS, st.lists(TEXTS)).map(lambda both: [both[0], *both[1]])}
        ),
    )
)
def test_what_is_written_is_read(function: Registered) -> None:
    """Nothing is lost and nothing added."""
    assert registry.read({function.name: registry.written(function)}, "") == {
        function.name: function
    }


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({}, "needs one of path, executable, builtin"),
        ({"path": "/f", "executable": "/f"}, "more than one of path, executable, builtin"),
        ({"executable": "/f", "handler": "h"}, "a key that is none of executable, sha256"),
        ({"executable": ["/f"]}, "has no text as executable"),
        ({"builtin": "builtin/none"}, "a builtin that is none of builtin/password"),
        ({"builtin": "builtin/password", "timeout": 9}, "a key that is none of builtin"),
        ({"path": 1}, "has no text as path"),
        ({"path": "f.py"}, "says of path what begins neither with / nor with ~/"),
        ({"executable": "rotate"}, "says of executable what begins neither"),
        ({"path": "/f", "python": "venv/bin/python"}, "says of python what begins neither"),
        ({"path": "/f", "timeout": 0}, "timeout"),
        ({"path": "/f", "timeout": True}, "timeout"),
        ({"path": "/f", "timeout": 901}, "timeout"),
        ({"path": "/f", "sha256": "xyz"}, "sha256"),
        ({"path": "/f", "sha256": "ab"}, "64 hexadecimal"),
        ({"path": "/f", "env": {"A": 1}}, "env"),
        ({"path": "/f", "read": "all"}, "read"),
        ({"path": "/f", "read": ["pg/*"]}, "has a read with what is neither a name nor an ARN"),
        ({"path": "/f", "read": ["arn:aws:iam::1:x"]}, "has a read with what is neither"),
        ({"path": "/f", "secrets": [1]}, "secrets"),
        ({"path": "/f", "runtime": "go"}, "a key that is none of"),
        ("f.py", "is not a table"),
    ],
)
def test_what_has_no_meaning_is_refused(table: object, said: str) -> None:
    """With the name of the function, and never what was written."""
    with pytest.raises(ConfigError, match=f"'mine'.*{said}"):
        registry.read({"mine": table}, "")


@pytest.mark.parametrize("name", ["", "builtin/password", "a b", "ä", "x" * 65, "../x"])
def test_a_name_is_one_that_lambda_takes(name: str) -> None:
    """So none is taken for a builtin, and none leads out of its table."""
    with pytest.raises(ConfigError, match="a name that cannot be one"):
        registry.read({name: {"path": "/f"}}, "")


def test_an_arn_names_its_function() -> None:
    """With an alias or without; what is no ARN of a function is a name."""
    assert registry.name_in(ARN) == registry.name_in(ARN + ":live") == "mine"
    assert registry.name_in("mine") == "mine"
    assert registry.name_in("arn:aws:s3:::mine") == "arn:aws:s3:::mine"


def test_home_is_the_users() -> None:
    """In paths of the file and of the interpreter."""
    (found,) = registry.read({"f": {"path": "~/f.py", "python": "~/bin/python"}}, "/h").values()
    assert (found.path, found.python) == ("/h/f.py", "/h/bin/python")


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A home with the clock that the function has, which signs its requests."""
    return real_time(world_in(tmp_path / "home"))


@pytest.fixture
def machine(world: World) -> Machine:
    """A home with a vault and a secret."""
    made = Machine(world)
    assert made("create-secret", "--name", "a", "--secret-string", "first").status == 0
    return made


def test_a_function_is_registered_tested_run_and_forgotten(
    machine: Machine, tmp_path: Path
) -> None:
    """By the commands alone, from nothing."""
    file = tmp_path / "f.py"
    file.write_text(functions.PLAIN)
    words = ("--path", str(file), "--python", sys.executable, "--pin", "--timeout", "60")
    done = machine("rotation", "functions", "add", "mine", *words)
    assert done.stdout == "registered: secretctl rotate-secret --rotation-lambda-arn mine\n"
    listed = machine("rotation", "functions", "list").stdout
    assert {"builtin/password", "builtin/postgres-alternating", "mine"} <= set(listed.split())
    tested = machine("rotation", "test", "a", "--function", "mine")
    assert tested.stdout == "mine can rotate this secret\n"
    done = machine("rotate-secret", "--secret-id", "a", "--rotation-lambda-arn", ARN)
    assert done.status == 0, done.stderr
    version = json.loads(done.stdout)["VersionId"]
    shown = json.loads(machine("get-secret-value", "--secret-id", "a").stdout)
    assert shown["VersionId"] == version
    assert machine("rotation", "functions", "remove", "mine").stdout == "forgotten: mine\n"
    refused = machine("rotate-secret", "--secret-id", "a")
    assert "cannot invoke the specified Lambda function" in refused.stderr


def test_a_program_and_a_builtin_are_registered_too(machine: Machine, tmp_path: Path) -> None:
    """The list tells the kinds; a builtin has the name that a secret from AWS brings along."""
    file = tmp_path / "rotate"
    file.write_text(programs.FAILS)
    add = ("rotation", "functions", "add")
    refused = machine(*add, "own", "--executable", str(file))
    assert (refused.status, "chmod u+x FILE" in refused.stderr) == (1, True)
    file.chmod(0o700)
    assert machine(*add, "own", "--executable", str(file), "--pin").status == 0
    assert machine(*add, "mine", "--builtin", "builtin/password").status == 0
    listed = [
        line.split()[:2] for line in machine("rotation", "functions", "list").stdout.splitlines()
    ]
    assert ["mine", "builtin"] in listed
    assert ["own", "executable"] in listed
    done = machine("rotate-secret", "--secret-id", "a", "--rotation-lambda-arn", ARN)
    assert (done.status, done.stderr) == (0, "")
    failed = machine("rotate-secret", "--secret-id", "a", "--rotation-lambda-arn", "own")
    assert (failed.status, "failed with exit status 3" in failed.stderr) == (1, True)


def test_a_program_ends_with_whoever_runs_it(machine: Machine, tmp_path: Path) -> None:
    """Kill -9 of that: the next try, which may be given up for another, meets nobody at work."""
    file, started = tmp_path / "rotate", tmp_path / "started"
    file.write_text(
        f"#!/bin/sh\necho $$ > {started}.new\nmv {started}.new {started}\nexec sleep 99\n"
    )
    file.chmod(0o700)
    machine("rotation", "functions", "add", "own", "--executable", str(file))
    words = ["rotate-secret", "--secret-id", "a", "--rotation-lambda-arn", "own"]
    environ = {**machine.world.context.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-m", "secretctl", *words], env=environ, stderr=subprocess.DEVNULL
    ) as engine:
        while not started.exists():
            assert engine.poll() is None
            time.sleep(0.01)
        engine.kill()
    assert not is_running(f"started {started.read_text()}")
    file.write_text(programs.FAILS)
    assert "failed with exit status 3" in machine("rotation", "retry", "a").stderr


def test_a_function_is_tested_alone_or_for_a_secret(machine: Machine, tmp_path: Path) -> None:
    """With a secret as `rotation test` does it; nothing is run or changed."""
    file = tmp_path / "rotate"
    file.write_text(programs.FAILS)
    file.chmod(0o700)
    machine("rotation", "functions", "add", "own", "--executable", str(file))
    test = ("rotation", "functions", "test")
    assert machine(*test, "own").stdout == "own can be started\n"
    assert machine(*test, "own", "a").stdout == "own can rotate this secret\n"
    assert (
        machine(*test, "builtin/password", "a").stdout
        == "builtin/password can rotate this secret\n"
    )
    offered = machine("__complete", "--", *test, "").stdout.split()
    assert {"own", "builtin/password"} <= set(offered)
    file.unlink()
    for words in (("own",), ("own", "a")):
        failed = machine(*test, *words)
        assert (failed.status, "cannot be read: no such file" in failed.stderr) == (1, True)
    unknown = machine(*test, "another")
    assert (unknown.status, "secretctl rotation functions list" in unknown.stderr) == (252, True)


def test_a_function_that_is_not_there_is_not_taken_for_the_secrets_own(machine: Machine) -> None:
    """Mistyped, or none at all: each is said by itself, and what is next."""
    none = machine("rotation", "test", "a")
    assert (none.status, "the secret has no rotation function" in none.stderr) == (1, True)
    for words in (("test", "a", "--function", "nown"), ("functions", "test", "nown", "a")):
        typed = machine("rotation", *words)
        assert (typed.status, "no function of that name is registered" in typed.stderr) == (
            252,
            True,
        )
    bare = machine("rotation", "test", "a", "--function", "builtin/exec")
    assert (bare.status, "has no settings for this secret" in bare.stderr) == (1, True)


def test_words_that_say_nothing_are_refused(machine: Machine) -> None:
    """Rather than left out."""
    add = ("rotation", "functions", "add", "mine")
    assert "one of --path, --executable and --builtin" in machine(*add).stderr
    for option in ("--pin", "--timeout=3", "--env=A=b", "--handler=h", "--python=p"):
        done = machine(*add, "--builtin", "builtin/password", option)
        assert (done.status, "says nothing of a function" in done.stderr) == (252, True)


def test_wrong_words_are_said(machine: Machine, tmp_path: Path) -> None:
    """And nothing is registered."""
    file = tmp_path / "f.py"
    missing = machine("rotation", "functions", "add", "mine", "--path", str(file))
    assert (missing.status, "cannot be read: no such file" in missing.stderr) == (1, True)
    file.touch()
    bad = machine("rotation", "functions", "add", "a b", "--path", str(file))
    assert "a name that cannot be one" in bad.stderr
    bad = machine("rotation", "functions", "add", "mine", "--path", str(file), "--env", "X")
    assert "expected NAME=VALUE" in bad.stderr
    assert "mine" not in machine("rotation", "functions", "list").stdout
    gone = machine("rotation", "functions", "remove", "mine")
    assert "secretctl rotation functions list" in gone.stderr
    near = machine("rotation", "functions", "ad")
    assert "did you mean 'secretctl rotation functions add'?" in near.stderr
    assert machine("rotation", "functions", "--help").status == 0


@pytest.mark.parametrize("written", ["bin/python", "~/bin/python"])
def test_an_interpreter_is_the_one_that_was_typed(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    """Relative to where that was, or to the home: the function starts in a folder of its own."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/python").symlink_to(sys.executable)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "f.py"
    file.write_text("def lambda_handler(event, context): pass\n")
    words = ("--path", "f.py", "--python", written)
    assert machine("rotation", "functions", "add", "mine", *words).status == 0
    done = machine("rotation", "test", "a", "--function", "mine")
    assert done.stdout == "mine can rotate this secret\n", done.stderr
