"""From secrets to a file or a pipe: private, whole, recorded, or refused before a read."""

import json
import os
import stat
from pathlib import Path

import pytest

from tests.conftest import Service, World
from tests.faults.commands import Ended, ended

CANARY = "canary-7b1e"
SECRET = json.dumps({"DB_USER": "app", "DB_PASSWORD": f"{CANARY} it's"})


@pytest.fixture(autouse=True)
def _secret(service: Service) -> None:
    service("CreateSecret", Name="prod/db", SecretString=SECRET)


def export(world: World, *words: str, **more: str) -> Ended:
    """Run ``export prod/db`` with variables of the environment."""
    context = world.context._replace(environ={**world.context.environ, **more})
    return ended(world, "export", "prod/db", *words, context=context)


def events(world: World) -> list[dict[str, object]]:
    """Return the records that were made since the secret was."""
    lines = ended(world, "audit", "tail", "-n", "50").stdout.splitlines()
    read = [json.loads(line) for line in lines]
    assert not any(CANARY in line for line in lines)
    made = max(place for place, each in enumerate(read) if each["eventName"] == "CreateSecret")
    return read[made + 1 :]


def names(world: World) -> list[str]:
    """Return the names of these records, without those of opening the vault."""
    opening = ("UnlockVault", "TrustEstablished")
    found = [str(each["eventName"]) for each in events(world)]
    return [name for name in found if name not in opening]


def test_a_file_is_private_and_whole(world: World, tmp_path: Path) -> None:
    """Mode 0600 whatever was there; nothing goes to standard output."""
    path = tmp_path / "out"
    path.write_text("before")
    path.chmod(0o644)
    assert export(world, "--format", "json", "--out", str(path)) == (0, "", "")
    assert json.loads(path.read_text()) == json.loads(SECRET)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_without_a_source_the_manifest_says_what_is_written(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What may be missing and is stays away; values are as asked, or nothing is written."""
    monkeypatch.chdir(tmp_path)
    words = ("export", "--format", "json")
    alone = ended(world, *words)
    assert (alone.status, alone.stdout) == (252, "")
    assert "no source is given, and there is no 'secretctl.toml'" in alone.stderr
    assert "hint: secretctl export SOURCE... --format FORMAT" in alone.stderr
    (tmp_path / "secretctl.toml").write_text(
        '[variables]\nUSER = "prod/db#DB_USER"\nB = {secret = "prod/none", required = false}\n'
        '[environments.ci]\nC = "prod/db#DB_USER"\n[environments.wrong]\nUSER.type = "integer"\n'
    )
    assert json.loads(ended(world, *words).stdout) == {"USER": "app"}
    assert json.loads(export(world, "--format", "json").stdout) == json.loads(SECRET)
    named = ended(world, *words, "D=prod/db#DB_USER", "--environment", "ci")
    assert json.loads(named.stdout) == {"D": "app", "USER": "app", "C": "app"}
    wrong = ended(world, *words, "D=prod/db", "--environment", "wrong")
    assert (wrong.status, wrong.stdout) == (252, "")
    assert "USER: the value is not of the type integer" in wrong.stderr
    assert "secretctl check --environment wrong D=prod/db lists all that is" in wrong.stderr


def test_a_folder_that_is_not_there_is_told(world: World, tmp_path: Path) -> None:
    """Before any read."""
    path = tmp_path / "no ne/out"
    done = export(world, "--format", "json", "--out", str(path))
    assert (done.status, names(world)) == (255, [])
    assert f"there is no folder '{path.parent}'" in done.stderr
    assert f"mkdir -p '{path.parent}'" in done.stderr


def test_a_file_that_others_could_replace_is_refused(world: World, tmp_path: Path) -> None:
    """A folder others write to, the vault, a link, before any read."""
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o770)
    for path in (shared / "out", Path(world.directory) / "out"):
        assert export(world, "--format", "json", "--out", str(path)).status in (252, 253)
        assert not path.exists()
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "target")
    assert export(world, "--format", "json", "--out", str(link)).status == 255
    assert not (tmp_path / "target").exists()
    assert names(world) == []


def test_a_file_in_a_work_tree_is_told_of(world: World, tmp_path: Path) -> None:
    """It could be committed; the file is written."""
    (tmp_path / "tree/.git").mkdir(parents=True)
    (tmp_path / "tree/deep").mkdir()
    done = export(world, "--format", "json", "--out", str(tmp_path / "tree/deep/out"))
    assert done.status == 0
    assert "lies in a work tree of git" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--format", "nope"), "the format is none of dotenv, docker"),
        (("--format", "k8s"), "argument --name"),
        (("--format", "k8s", "--name", "My_App"), "argument --name"),
        (("--format", "k8s", "--name", "a..b"), "argument --name"),
        (("--format", "k8s", "--name", "a-"), "argument --name"),
        (("--format", "k8s", "--name", "a" * 254), "argument --name"),
        (("--format", "json", "--name", "a"), "--name is for"),
        (("--format", "github"), "GITHUB_ENV"),
        (("--format", "github", "--out", "-"), "standard output has the masks"),
        (("PATH=prod/db", "--format", "json"), "it changes which programs run"),
        (("a?b", "--format", "json"), "unreadable choice"),
    ],
)
def test_what_cannot_be_delivered_is_refused_first(
    world: World, words: tuple[str, ...], said: str
) -> None:
    """No value is read for a command line that is wrong."""
    done = export(world, *words)
    assert done.status == 252
    assert said in done.stderr
    assert done.stdout == ""
    assert names(world) == []


def test_an_export_is_recorded(world: World) -> None:
    """Reads first, then what was made of them: format and variables, no value."""
    assert export(world, "--format", "shell").status == 0
    assert names(world) == ["GetSecretValue", "Export"]
    read, made = events(world)[-2:]
    assert made["requestParameters"] == {
        "format": "shell",
        "variables": ["DB_USER", "DB_PASSWORD"],
        "variableCount": 2,
    }
    assert made.get("errorCode") is None
    assert made["requestID"] == read["requestID"]
    shown = json.loads(ended(world, "audit", "exposure", "--output", "json").stdout)
    assert [each.partition("@")[0] for each in shown["Exposures"][0]["Via"]] == ["export"]


def test_a_value_that_is_refused_stops_all(world: World, service: Service, tmp_path: Path) -> None:
    """Nothing is written, the secret is named, and the export is recorded as failed."""
    service("CreateSecret", Name="prod/key", SecretString=f"{CANARY}\nline")
    path = tmp_path / "out"
    done = export(world, "prod/key", "--format", "docker", "--out", str(path))
    assert (done.status, done.stdout, path.exists()) == (252, "", False)
    assert "'prod/key' cannot be written as docker: it holds a line end" in done.stderr
    assert CANARY not in done.stderr
    last = events(world)[-1]
    assert (last["eventName"], last["errorCode"]) == ("Export", "DeliveryError")


def test_a_reserved_name_is_data_in_a_document_alone(world: World, service: Service) -> None:
    """Where a format sets variables, it has to be written out."""
    service("CreateSecret", Name="prod/user", SecretString="app")
    assert json.loads(export(world, "prod/user", "--format", "json").stdout)["USER"] == "app"
    done = export(world, "prod/user", "--format", "docker")
    assert (done.status, done.stdout) == (252, "")
    assert "'prod/user' would set the variable 'USER'" in done.stderr
    assert "USER=app\n" in export(world, "USER=prod/user", "--format", "docker").stdout


def test_github_masks_first_and_appends(world: World, tmp_path: Path) -> None:
    """What other programs wrote stays, even without a line end; the log gets masks alone."""
    path = tmp_path / "env"
    path.write_text("OTHER=1")
    done = export(world, "--format", "github", GITHUB_ENV=str(path))
    assert (done.status, done.stderr) == (0, "")
    assert done.stdout == f"::add-mask::app\n::add-mask::{CANARY} it's\n"
    first, second, value, *_ = path.read_text().splitlines()
    assert (first, second.partition("<<")[0], value) == ("OTHER=1", "DB_USER", "app")
    again = tmp_path / "other"
    export(world, "--format", "github", "--out", str(again), GITHUB_ENV=str(path))
    assert again.read_text().startswith("DB_USER<<")


def test_github_tells_what_cannot_be_masked(world: World, service: Service, tmp_path: Path) -> None:
    """Masking one letter would hide the log."""
    service("CreateSecret", Name="prod/pin", SecretString="7")
    path = tmp_path / "env"
    path.touch()
    done = export(world, "prod/pin", "--format", "github", GITHUB_ENV=str(path))
    assert "too short to be masked in the log: PIN" in done.stderr
    assert "::7" not in done.stdout


def test_a_file_of_github_that_is_none_is_refused(world: World, tmp_path: Path) -> None:
    """A link, a folder, a pipe without a reader, what is not there, a second name; no read."""
    (tmp_path / "link").symlink_to(tmp_path / "target")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "first").touch()
    os.link(tmp_path / "first", tmp_path / "second")
    for name in ("link", ".", "pipe", "none", "second"):
        done = export(world, "--format", "github", GITHUB_ENV=str(tmp_path / name))
        assert (done.status, done.stdout) == (255, "")
        assert "the file is the one that GITHUB_ENV names" in done.stderr
    assert not (tmp_path / "target").exists()
    assert names(world) == []


def test_a_file_of_github_in_the_vault_is_refused(world: World, tmp_path: Path) -> None:
    """Neither journal nor vault is appended to, by whatever way they are named; no read."""
    vault = Path(world.directory)
    (tmp_path / "link").symlink_to(vault)
    journal = vault / "audit/00000001.jsonl"
    for path in (journal, vault / "vault.db", tmp_path / "link/audit/00000001.jsonl"):
        before = path.read_bytes()
        done = export(world, "--format", "github", GITHUB_ENV=str(path))
        assert (done.status, done.stdout) == (252, "")
        assert "that file would lie in the vault's directory" in done.stderr
        assert path.read_bytes() == before
    assert names(world) == []
    assert ended(world, "audit", "verify").status == 0
