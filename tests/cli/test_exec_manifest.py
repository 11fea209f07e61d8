"""``exec`` without sources: what the manifest names, and nothing unless all of it is as asked."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Service, World
from tests.test_startup import environment

CANARY = "canary-ac42"
SECRET = json.dumps({"url": f"https://{CANARY}", "n": "1"})
SHOW = ["sh", "-c", 'echo "$A|$B|$C"']


@pytest.fixture(autouse=True)
def project(world: World, service: Service) -> Path:
    """A folder with a manifest, and a vault with one secret."""
    service("CreateSecret", Name="prod/db", SecretString=SECRET)
    folder = world.home / "project"
    folder.mkdir()
    (folder / "secretctl.toml").write_text(
        "[variables]\n"
        'A = {secret = "prod/db#url", type = "url"}\n'
        'B = {secret = "prod/db#gone", required = false}\n'
        "[environments.ci]\n"
        'C = "prod/db#n"\n'
        "[environments.wrong]\n"
        'A = {type = "integer"}\n'
        'C = {secret = "prod/db#n", pattern = "[a-z]"}\n'
        "[environments.lacking]\n"
        'C = "prod/none"\n'
        'B = "prod/no"\n'
    )
    return folder


def run(
    world: World, *words: str, folder: str = "project", **more: str
) -> subprocess.CompletedProcess[str]:
    """Run ``exec`` in a folder of the home."""
    return subprocess.run(
        [sys.executable, "-m", "secretctl", "exec", *words],
        env={**environment(world), **more},
        cwd=world.home / folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_manifest_is_what_is_run_with(world: World) -> None:
    """What it names is set; what may be missing and is leaves what is inherited."""
    done = run(world, "--", *SHOW, B="before")
    assert (done.stdout, done.returncode) == (f"https://{CANARY}|before|\n", 0)
    assert run(world, "--environment", "ci", "--", *SHOW).stdout == f"https://{CANARY}||1\n"
    assert run(world, "--", *SHOW, SECRETCTL_ENVIRONMENT="ci").stdout.endswith("|1\n")


@pytest.mark.parametrize("status", [0, 1, 7, 255])
def test_the_exit_status_is_the_commands(world: World, status: int) -> None:
    """As with sources."""
    assert run(world, "--", "sh", "-c", f"exit {status}").returncode == status
    assert run(world, "--", "none-such").returncode == 127


def test_sources_stand_instead_unless_an_option_names_the_manifest(
    world: World, project: Path
) -> None:
    """Then both are read, and one variable of two sources is an error."""
    assert run(world, "C=prod/db#n", "--", *SHOW).stdout == "||1\n"
    assert run(world, "--from-env", "--", *SHOW, C="c").stdout == "||c\n"
    path = str(project / "secretctl.toml")
    both = run(world, "C=prod/db#n", "--manifest", path, "--", *SHOW, folder=".")
    assert both.stdout == f"https://{CANARY}||1\n"
    twice = run(world, "A=prod/db#n", "--environment", "", "--", *SHOW)
    assert twice.returncode == 252
    assert "two sources give the variable 'A'" in twice.stderr
    assert "secretctl check --environment '' 'A=prod/db#n' lists all that is" in twice.stderr


def test_no_value_is_handed_over_unless_all_are_as_asked(world: World, project: Path) -> None:
    """Every fault is named and none of the values; the program does not start."""
    done = run(world, "--environment", "wrong", "--", "touch", "started")
    assert done.returncode == 252
    assert "error: A: prod/db#url: the value is not of the type integer\n" in done.stderr
    assert "likewise C: prod/db#n: the value does not match its pattern\n" in done.stderr
    assert CANARY not in done.stderr
    assert not (project / "started").exists()


def test_all_that_is_missing_is_named(world: World) -> None:
    """And the status is that of a secret that could not be read."""
    done = run(world, "--environment", "lacking", "--", "true")
    assert done.returncode == 254
    assert "prod/none" in done.stderr
    assert "secretctl check --environment lacking lists all" in done.stderr
    assert "prod/no'" not in done.stderr  # an environment leaves it optional


def test_whatever_is_wrong_is_named_at_once(world: World, project: Path) -> None:
    """A line for each variable, of secrets, keys and values alike."""
    with (project / "secretctl.toml").open("a") as manifest:
        manifest.write(
            'D = "prod/db#lost"\nE = "prod/none#x"\n'
            'F = {secret = "prod/db#n", type = "url", description = "to pay"}\n'
        )
    words = ("--environment", "lacking", "G=prod/nowhere", "--optional", "H=prod/never")
    done = run(world, *words, "--", "true")
    lines = done.stderr.splitlines()
    gone = "Secrets Manager can't find the specified secret."
    assert done.returncode == 254
    assert lines[1].endswith(f"GetSecretValue operation: {gone} (source 'prod/nowhere' of G)")
    assert [line.removeprefix("secretctl: hint: likewise ") for line in lines[2:-1]] == [
        f"C: prod/none: {gone}",
        "D: prod/db#lost: the secret has no such key",
        f"E: prod/none#x: {gone}",
        "F: prod/db#n: the value is not of the type url (to pay)",
    ]
    assert CANARY not in done.stderr


def test_without_a_manifest_the_ways_on_are_said(world: World) -> None:
    """Before the vault is opened: a source, or a manifest in two lines, which is one."""
    done = run(world, "--", "true", folder=".")
    assert done.returncode == 252
    assert "no source is given" in done.stderr
    written = done.stderr.partition("printf ")[2].partition(" > secretctl.toml")[0]
    subprocess.run(["sh", "-c", f"printf {written} > secretctl.toml"], cwd=world.home, check=True)
    assert "(source 'prod/db')" not in run(world, "--", "true", folder=".").stderr
    assert "'prod/db' has no key 'password'" in run(world, "--", "true", folder=".").stderr


def test_variables_that_stay_are_not_judged(world: World) -> None:
    """With --on-conflict keep a secret for such a variable is not even read."""
    words = ("--environment", "wrong", "--on-conflict", "keep", "--", *SHOW)
    assert run(world, *words, A="mine", C="mine").stdout == "mine||mine\n"
