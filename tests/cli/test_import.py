"""From a file to secrets: all of them or none, told by name, and the same again changes nothing."""

import io
import json
from pathlib import Path

import pytest

from secretctl.__main__ import main
from secretctl.cli import progress
from secretctl.service import importing
from tests.cli.test_progress import Terminal
from tests.conftest import Service, World
from tests.faults.commands import Ended, ended

CANARY = "canary-9d04"


@pytest.fixture
def file(tmp_path: Path, service: Service) -> Path:
    """A file of three entries, for a vault that is there."""
    assert names(service) == []
    path = tmp_path / "in.env"
    path.write_text(f"A='{CANARY} it'\nB=two\nC=\"x\\ny\"\n")
    return path


def imported(world: World, file: Path | str, *words: str, form: str = "dotenv") -> Ended:
    """Run ``import``."""
    done = ended(world, "import", str(file), "--format", form, *words)
    assert CANARY not in done.stdout + done.stderr
    return done


def value(service: Service, name: str) -> object:
    """Return the current value of a secret."""
    found = service("GetSecretValue", SecretId=name)
    return found.get("SecretString", found.get("SecretBinary"))


def versions(service: Service, name: str) -> int:
    """Return how many versions a secret has."""
    found = service("DescribeSecret", SecretId=name)["VersionIdsToStages"]
    assert isinstance(found, dict)
    return len(found)


def names(service: Service) -> list[str]:
    """Return the names of all secrets."""
    listed = service("ListSecrets", SortOrder="asc")["SecretList"]
    assert isinstance(listed, list)
    return sorted(str(each["Name"]) for each in listed)


def test_each_entry_becomes_a_secret(world: World, service: Service, file: Path) -> None:
    """Named as it is, with a prefix, or by a template; tagged if wanted."""
    assert imported(world, file) == (0, "3 created\n", "")
    assert imported(world, file, "--prefix", "prod/").status == 0
    assert imported(world, file, "--name", "dev/{}/v", "--tag", "team=a=b").status == 0
    assert names(service) == [
        *("A", "B", "C", "dev/A/v", "dev/B/v", "dev/C/v", "prod/A", "prod/B", "prod/C"),
    ]
    assert [value(service, name) for name in ("A", "prod/B", "dev/C/v")] == [
        *(f"{CANARY} it", "two", "x\ny"),
    ]
    tags = service("DescribeSecret", SecretId="dev/A/v")["Tags"]
    assert tags == [{"Key": "team", "Value": "a=b"}]


def test_all_entries_become_one_secret(world: World, service: Service, file: Path) -> None:
    """A JSON object; empty values and names that no secret has are kept, no empty name."""
    file.write_text("A='x'\nEMPTY=\n")
    assert imported(world, file, "--into", "prod/app").stdout == "1 created\n"
    assert imported(world, file, "--into", "prod/app").stdout == "1 unchanged\n"
    assert json.loads(str(value(service, "prod/app"))) == {"A": "x", "EMPTY": ""}
    file.write_text('{"": "x"}')
    done = imported(world, file, "--into", "prod/other", form="json")
    assert "an entry has no name" in done.stderr
    assert "hint: give it one, or take it out" in done.stderr


def test_the_same_again_changes_nothing(world: World, service: Service, file: Path) -> None:
    """No version is made, whatever the policy."""
    imported(world, file)
    service("GetSecretValue", SecretId="A")
    for policy in ("error", "skip", "overwrite"):
        assert imported(world, file, "--on-conflict", policy) == (0, "3 unchanged\n", "")
    assert [versions(service, name) for name in "ABC"] == [1, 1, 1]


def test_another_value_is_a_conflict_unless_it_is_said_what_to_do(
    world: World, service: Service, file: Path
) -> None:
    """An error names each and changes nothing; skip leaves it; overwrite makes a version."""
    service("CreateSecret", Name="A", SecretString="before")
    service("CreateSecret", Name="B", SecretBinary=b"two")
    done = imported(world, file)
    assert (done.status, done.stdout) == (254, "")
    assert "'A': it is there with another value" in done.stderr
    assert "'B': it is there with another value" in done.stderr
    assert "2 secrets of 3 cannot be imported; nothing was changed" in done.stderr
    assert names(service) == ["A", "B"]
    assert imported(world, file, "--on-conflict", "skip").stdout == "1 created, 2 skipped\n"
    assert (value(service, "A"), value(service, "C")) == ("before", "x\ny")
    done = imported(world, file, "--on-conflict", "overwrite")
    assert done.stdout == "2 changed, 1 unchanged\n"
    assert (value(service, "B"), versions(service, "B")) == ("two", 2)


def test_a_secret_without_a_value_is_given_one_where_it_may_be(
    world: World, service: Service, file: Path
) -> None:
    """It is there, and has no value that could be the same."""
    service("CreateSecret", Name="A")
    assert imported(world, file).status == 254
    assert imported(world, file, "--on-conflict", "overwrite").stdout == "2 created, 1 changed\n"
    assert value(service, "A") == f"{CANARY} it"


def test_a_dry_run_says_what_would_be_done_and_does_nothing(
    world: World, service: Service, file: Path
) -> None:
    """Each secret by name; with a conflict it ends as the import would."""
    service("CreateSecret", Name="B", SecretString="two")
    service("CreateSecret", Name="C", SecretString="other")
    before = service.session.vault.state()
    done = imported(world, file, "--dry-run", "--on-conflict", "overwrite")
    assert done.stdout == (
        "create    A\nunchanged B\nchange    C\n"
        "nothing was changed; it would be: 1 created, 1 changed, 1 unchanged\n"
    )
    done = imported(world, file, "--dry-run")
    assert (done.status, done.stdout) == (254, "create    A\nunchanged B\nconflict  C\n")
    assert names(service) == ["B", "C"]
    assert service.session.vault.state().records == before.records


def test_every_entry_that_can_be_no_secret_is_named_before_anything_is_written(
    world: World, service: Service, tmp_path: Path
) -> None:
    """Names, sizes, NUL characters, half characters; with their lines where there are any."""
    bad = {
        "a b": CANARY,
        "x" * 513: "v",
        "empty": "",
        "nul": f"{CANARY}\0",
        "half": "\ud800",
        "large": "é" * 32_769,
        "good": "v",
    }
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(bad))
    done = imported(world, path, form="json")
    assert done.status == 252
    for said in (
        "'a b': a name has letters, digits and -/_+=.@! alone",
        "a name has 512 characters at most",
        "'empty': the value is empty",
        "'nul': the value holds a NUL character",
        "'half': the value holds half a surrogate pair",
        "'large': the value is larger than 65536 bytes",
        "6 of 7 entries cannot be secrets; nothing was changed",
    ):
        assert said in done.stderr
    assert "'good'" not in done.stderr
    assert names(service) == []
    path.write_text("\n\nA=x\nB=\n")
    assert "line 4: 'B': the value is empty" in imported(world, path).stderr


def test_a_secret_that_waits_for_its_deletion_keeps_all_from_being_imported(
    world: World, service: Service, file: Path
) -> None:
    """AWS's own sentence, with its name."""
    service("CreateSecret", Name="B", SecretString="two")
    service("DeleteSecret", SecretId="B")
    done = imported(world, file, "--on-conflict", "overwrite")
    assert done.status == 254
    assert "'B': You can't create this secret because a secret with this name" in done.stderr
    assert names(service) == []


def test_standard_input_is_read(world: World, service: Service, file: Path) -> None:
    """For ``-``; a mark at the beginning of a file of Windows is none of it."""
    for given in ("A='x'\n", "\ufeffB='y'\n"):
        stdin = io.TextIOWrapper(io.BytesIO(given.encode()))
        context = world.context._replace(stdin=stdin)
        done = ended(world, "import", "-", "--format", "dotenv", context=context)
        assert done == (0, "1 created\n", "")
    assert file.exists()
    assert names(service) == ["A", "B"]


@pytest.mark.parametrize(("form", "way"), [("sops", "file"), ("pass", "folder of the store")])
def test_what_is_no_stream_is_not_read_from_one(world: World, form: str, way: str) -> None:
    """With what to give instead."""
    done = imported(world, "-", form=form)
    assert done.status == 252
    assert f"hint: give the {way}\n" in done.stderr


@pytest.mark.usefixtures("service")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--format", "word"), "the format is none of dotenv"),
        (("--format", "json", "--on-conflict", "keep"), "none of error, skip, overwrite"),
        (("--format", "json", "--prefix", "a", "--into", "b"), "give one of them"),
        (("--format", "json", "--name", "prod"), "{} has to stand in it once"),
        (("--format", "json", "--name", ""), "{} has to stand in it once"),
        (("--format", "json", "--into", ""), "argument --into: it is empty"),
        (("--format", "json", "--prefix", "a", "--into", ""), "give one of them"),
        (("--format", "json", "--prefix", "a b/"), "argument --prefix: a name has letters"),
        (("--format", "json", "--into", "a:b"), "argument --into: a name has letters"),
        (("--format", "json", "--tag", "x"), "it is not KEY=VALUE"),
        (("--format", "json"), "cannot be read: No such file or directory"),
        ((), "the following arguments are required: --format\nsecretctl: hint: --format dotenv\n"),
    ],
)
def test_a_command_line_that_says_nothing_sensible_is_refused(
    world: World, words: tuple[str, ...], said: str
) -> None:
    """Before the vault is opened."""
    done = ended(world, "import", "nothing-there", *words)
    assert done.status == 252
    assert said in done.stderr


def test_what_is_no_text_is_refused_with_its_line(world: World, file: Path) -> None:
    """And a folder, and a file without an entry."""
    file.write_bytes(b"A=x\nB=\xff\n")
    assert "line 2 of" in imported(world, file).stderr
    file.write_bytes("A=x\n".encode("utf-16"))
    assert "hint: it looks like UTF-16: iconv -f UTF-16 -t UTF-8\n" in imported(world, file).stderr
    assert "cannot be read: Is a directory" in imported(world, file.parent).stderr
    file.write_text("# nothing\n")
    assert "holds no entry" in imported(world, file).stderr


def test_an_import_is_on_record(world: World, service: Service, file: Path) -> None:
    """With its format and numbers, what was read and what was made; never a value."""
    service("CreateSecret", Name="B", SecretString="two")
    service("GetSecretValue", SecretId="B")
    imported(world, file)
    lines = ended(world, "audit", "tail", "-n", "20").stdout.splitlines()
    assert not any(CANARY in line for line in lines)
    events = [json.loads(line) for line in lines]
    said = next(each for each in events if each["eventName"] == "Import")
    assert said["requestParameters"] == {
        "format": "dotenv",
        "secrets": 3,
        "onConflict": "error",
        "dryRun": False,
    }
    read = [each for each in events if each["eventName"] == "GetSecretValue"][-1]
    assert read["additionalEventData"]["operation"] == "import"
    made = [each for each in events if each["eventName"] == "CreateSecret"][-2:]
    assert [each["requestParameters"]["name"] for each in made] == ["A", "C"]
    assert not any("errorCode" in each for each in events)


def test_more_than_one_commit_takes_is_written_in_several(
    world: World, service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever one secret is refused for is found before the first of them."""
    monkeypatch.setattr(importing, "_GROUP_BYTES", 20_000)
    path = tmp_path / "many.env"
    path.write_text("".join(f"N{number:02}=v\n" for number in range(20)))
    service("CreateSecret", Name="N19", SecretString="other")
    before = service.session.vault.state().generation
    assert imported(world, path).status == 254
    assert service.session.vault.state().generation <= before + 1  # the date of the reading
    before = service.session.vault.state().generation
    assert imported(world, path, "--on-conflict", "skip").stdout == "19 created, 1 skipped\n"
    assert service.session.vault.state().generation == before + 4
    assert imported(world, path, "--on-conflict", "overwrite").stdout == "1 changed, 19 unchanged\n"


def test_a_long_import_shows_how_far_it_has_come(
    world: World, service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal, once a second has passed; elsewhere nothing is shown."""
    assert names(service) == []
    monkeypatch.setattr(progress, "_PATIENCE_S", 0)
    path = tmp_path / "many.env"
    path.write_text("".join(f"N{number}=v\n" for number in range(300)))
    assert imported(world, path).stderr == ""
    monkeypatch.setenv("TERM", "xterm")
    stderr, stdout = Terminal(), io.StringIO()
    context = world.context._replace(stderr=stderr, stdout=stdout)
    assert main(["import", str(path), "--format", "dotenv", "--prefix", "p/"], context) == 0
    assert "importing" in stderr.getvalue()
