"""What is recorded where a vault is damaged, a command cannot run, or an act breaks off."""

import os
import re
import shutil
from pathlib import Path

import pytest

from secretctl.errors import SecretctlError
from secretctl.service import backup_file
from secretctl.vault import layout
from tests.conftest import Service, World
from tests.faults.commands import ended, separately
from tests.service.conftest import Fields, Told, code
from tests.vault.stored import change, records_of
from tests.vault.stored import of_kind as kind

CANARY = "canary90ce"
READ = "GetSecretValue"


def damage(world: World, mark: bytes, number: int = 0) -> None:
    """Change the last byte of a record of one kind."""
    path = Path(world.directory, "vault.db")
    records = records_of(path)
    key = kind(records, mark)[number]
    change(path, {key: records[key][:-1] + bytes([records[key][-1] ^ 1])})


def endings(events: list[Fields]) -> list[tuple[str, str, str]]:
    """Return of each event its name, its error code, and the secret that it names."""
    found = []
    for event in events:
        resources = event.get("resources")
        arn = resources[0]["ARN"] if isinstance(resources, list) else ""
        name = str(arn).rpartition(":")[2].rpartition("-")[0]
        found.append((str(event["eventName"]), code(event), name))
    return found


def test_a_backup_that_cannot_begin_is_refused_without_its_name(
    world: World, told: Told, tmp_path: Path
) -> None:
    """Something is there, there is no such folder: one record, an error."""
    taken = tmp_path / CANARY
    taken.touch()
    for place in (str(taken), f"/no/such/{CANARY}", "/dev/full"):
        assert ended(world, "backup", place).status == 255
        (event,) = [each for each in told.events() if each["eventName"] == "BackUpVault"]
        assert (code(event), event["errorMessage"]) == ("StoreError", "The backup was not made.")
        assert event["requestParameters"] == {}
    assert ended(world, "backup", str(tmp_path / "backup")).status == 0
    assert endings(told.events()) == [("UnlockVault", "", ""), ("BackUpVault", "", "")]


@pytest.mark.parametrize("breaks", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_backup_that_breaks_off_has_a_second_record(
    world: World,
    told: Told,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    breaks: BaseException,
) -> None:
    """The first says what was begun; no draft is left, nor the backup."""

    def refuse(*_: object) -> None:
        raise breaks

    monkeypatch.setattr(backup_file, "write", refuse)
    assert ended(world, "backup", str(tmp_path / "backup")).status != 0
    begun, failed = (each for each in told.events() if each["eventName"] == "BackUpVault")
    assert begun["requestParameters"] == failed["requestParameters"] == {"file": "backup"}
    assert begun["requestID"] == failed["requestID"]
    assert (code(begun), bool(code(failed))) == ("", True)
    assert not list(tmp_path.glob("backup*"))


def test_a_checkpoint_that_is_not_given_out_is_no_checkpoint(
    world: World, told: Told, tmp_path: Path
) -> None:
    """A second record says so; the key alone is none."""
    assert ended(world, "audit", "checkpoint", "--out", "/no/such/folder/x").status == 255
    signed = [each for each in told.events() if each["eventName"] == "SignCheckpoint"]
    assert [code(each) for each in signed] == ["", "OutputError"]
    assert ended(world, "audit", "checkpoint", "--key").status == 0
    assert ended(world, "audit", "checkpoint", "--out", str(tmp_path / "x")).status == 0
    signed = [each for each in told.events() if each["eventName"] == "SignCheckpoint"]
    assert [code(each) for each in signed] == [""]


@pytest.mark.parametrize("mark", [layout.ACCESS, layout.STATE])
def test_a_vault_that_is_damaged_at_its_root_is_recorded(
    world: World, told: Told, mark: bytes
) -> None:
    """Its keys do not open, so nobody is named; the command is, and the next one is refused too."""
    damage(world, mark)
    for _ in range(2):
        assert ended(world, "get-secret-value", "--secret-id", "a").status == 253
        (event,) = told.events()
        assert (event["eventName"], code(event)) == ("UnlockVault", "VaultDamagedError")
        assert event["errorMessage"] == "The vault was not opened."
        assert str(event["userAgent"]).endswith(" command/get-secret-value")
    assert ended(world, "audit", "verify").status != 0
    assert told.events() == []


@pytest.mark.parametrize("mark", [layout.SECRET, layout.NAME])
def test_each_secret_asked_for_is_recorded_where_one_is_damaged(
    world: World, service: Service, told: Told, mark: bytes
) -> None:
    """Of a batch and of exec: those that are whole by their ARN, the other with an error."""
    damage(world, mark)
    names = ["a", "b"]
    with pytest.raises(SecretctlError):
        service("BatchGetSecretValue", SecretIdList=names)
    batch = endings(told.events())
    done = separately(world, ["exec", "A=a", "B=b", "--", "true"])
    assert done.status != 0
    assert sorted(failure for _, failure, _ in batch) == ["", "VaultDamagedError"]
    unlock, _, *reads, lost, executed = endings(told.events())
    assert unlock[0] == "UnlockVault"
    assert [each[:2] for each in batch] == [each[:2] for each in reads]
    (whole,) = [arn for _, failure, arn in reads if not failure]
    assert lost == (READ, "VaultDamagedError", whole)
    assert executed == ("Exec", "VaultDamagedError", "")


@pytest.mark.parametrize(
    "words",
    [
        ("batch-get-secret-value", "--filters", "Key=name,Values=a"),
        ("batch-get-secret-value", "--filters", "Key=name,Values=b"),
        ("batch-get-secret-value", "--secret-id-list", "a", "b"),
        ("list-secrets",),
        ("list-secrets", "--sort-by", "name"),
        ("get-secret-value", "--secret-id", "a"),
        ("put-secret-value", "--secret-id", "a", "--secret-string", "w"),
    ],
    ids=" ".join,
)
def test_a_damaged_secret_is_recorded_by_its_place(
    world: World, told: Told, words: tuple[str, ...]
) -> None:
    """The one that fsck names, also where no name was asked for."""
    damage(world, layout.SECRET)
    (place,) = re.findall("a secret at ([0-9a-f]{32})\n", ended(world, "fsck").stdout)
    assert ended(world, *words).status == 253
    found = [each["additionalEventData"] for each in told.events()]
    said = [each["damagedAt"] for each in found if isinstance(each, dict) and "damagedAt" in each]
    assert said == [place]


@pytest.mark.parametrize(
    "words",
    [
        ("batch-get-secret-value", "--filters", "Key=name,Values=b"),
        ("list-secrets",),
        ("list-secrets", "--sort-by", "name"),
    ],
    ids=" ".join,
)
@pytest.mark.usefixtures("told")
def test_a_list_with_a_damaged_secret_says_which_and_what_still_works(
    world: World, words: tuple[str, ...]
) -> None:
    """By the place that fsck names; the other secret is read, and the owner can drop the record."""
    damage(world, layout.SECRET)
    (place,) = re.findall("a secret at ([0-9a-f]{32})\n", ended(world, "fsck").stdout)
    said = ended(world, *words).stderr
    assert f"hint: no list is whole without the secret at {place}; others are read by" in said
    assert "hint: secretctl fsck" in said
    assert ended(world, "get", "b").status == 0
    assert ended(world, "vouching", "drop", layout.SECRET.hex() + place, "--yes").status == 0
    assert ended(world, *words).status == 0


@pytest.mark.parametrize("leads", ["nowhere", "elsewhere"])
def test_a_name_that_leads_astray_is_recorded_by_where_it_leads(
    world: World, told: Told, leads: str
) -> None:
    """To no secret, or to another one: fsck names that place, and the secret besides."""
    path = Path(world.directory, "vault.db")
    records = records_of(path)
    first, second = kind(records, layout.NAME)
    place = records[second]
    if leads == "nowhere":
        place = place[:-1] + bytes([place[-1] ^ 64])
    change(path, {first: place})
    (name,) = re.findall(
        f"the name of a secret does not lead to it but to {place.hex()}: (.*)\n",
        ended(world, "fsck").stdout,
    )
    assert ended(world, "get-secret-value", "--secret-id", name).status == 253
    event = told.events()[-1]
    assert (event["eventName"], code(event)) == (READ, "VaultDamagedError")
    said = event["additionalEventData"]
    assert isinstance(said, dict)
    assert said["damagedAt"] == place.hex()


def test_a_value_that_does_not_open_is_granted_and_fails_once(world: World, told: Told) -> None:
    """Two records, whether the value or its key is damaged, and whoever reads."""
    damage(world, layout.KEK)
    granted, failed = (READ, "", "a"), (READ, "DecryptionFailure", "a")
    assert ended(world, "get-secret-value", "--secret-id", "a").status != 0
    assert endings(told.events())[2:] == [granted, failed]
    assert ended(world, "batch-get-secret-value", "--secret-id-list", "a").status != 0
    assert endings(told.events())[1:] == [granted, failed]
    assert ended(world, "exec", "A=a", "--", "true").status != 0
    executed = ("Exec", "VaultDamagedError", "")
    assert endings(told.events())[1:] == [granted, failed, executed]


def test_exec_whose_secrets_cannot_be_read_is_recorded(world: World, told: Told) -> None:
    """With its command, so that the reads have a purpose; no variable was handed over."""
    assert separately(world, ["exec", "A=a", "B=nope", "--", "true"]).status == 254
    events = told.events()[2:]
    missing = "ResourceNotFoundException"
    granted, lost, executed = (READ, "", "a"), (READ, missing, "a"), ("Exec", missing, "")
    assert endings(events) == [granted, (READ, missing, ""), lost, executed]
    assert events[2]["errorMessage"] == "The answer was not delivered, or not all of it."
    assert events[-1]["requestParameters"] == {"command": shutil.which("true")}
    assert events[-1]["errorMessage"] == "The command was not run."


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("no-such-program", "command not found: 'no-such-program'"),
        (f"/no/such/{CANARY}", f"command not found: '/no/such/{CANARY}'"),
        (f"PGPASSWORD={CANARY} psql", "command not found"),
        (f"PGPASSWORD={CANARY}", "command not found"),
        (f"psql\t{CANARY}", "command not found"),
    ],
)
def test_a_command_that_is_not_there_reads_nothing(
    world: World, told: Told, command: str, said: str
) -> None:
    """One record without what was typed; it is repeated only where it is one word, as shells do."""
    done = separately(world, ["exec", "A=a", "--", command])
    assert done.status == 127
    assert f"secretctl: error: {said}\n" in done.stderr
    assert done.stderr.count(CANARY) == said.count(CANARY)
    lines = told.lines()
    assert CANARY.encode() not in b"".join(lines)
    events = Told.parsed(lines)[2:]
    assert endings(events) == [("Exec", "CommandNotFoundError", "")]
    assert events[0]["requestParameters"] == {}


def test_a_command_that_does_not_start_has_one_record_more(world: World, told: Told) -> None:
    """The second says that it was not run, of the same command and variables as the first.

    So has each value that was read for it.
    """
    program = world.home / "garbage"
    program.write_text("\x7fELF")
    program.chmod(0o755)
    assert separately(world, ["exec", "A=a", "--", str(program)]).status == 126
    _, _, read, announced, lost, failed = told.events()
    assert endings([read, announced]) == [(READ, "", "a"), ("Exec", "", "")]
    assert endings([lost]) == [(READ, "CommandNotExecutableError", "a")]
    assert lost["requestID"] == read["requestID"]
    assert code(failed) == "CommandNotExecutableError"
    said = {"command": str(program), "variables": ["A"], "variableCount": 1}
    assert announced["requestParameters"] == failed["requestParameters"] == said


@pytest.mark.parametrize("how", ["name", "path"])
def test_the_program_that_starts_is_on_record_by_its_path(
    world: World, told: Told, how: str
) -> None:
    """From the root on, whether it was called by its name or from the working folder."""
    program = world.home / "programs/tool"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\nexit 7\n")
    program.chmod(0o755)
    path = f"{program.parent}:{os.environ['PATH']}"
    called = "tool" if how == "name" else os.path.relpath(program)
    assert separately(world, ["exec", "A=a", "--", called, CANARY], PATH=path).status == 7
    said = told.events()[-1]["requestParameters"]
    expected = str(program) if how == "name" else os.path.join(os.getcwd(), called)
    assert said == {"command": expected, "variables": ["A"], "variableCount": 1}


def test_a_file_that_may_not_be_executed_reads_nothing(world: World, told: Told) -> None:
    """One record, as of a command that is not there."""
    plain = world.home / "plain"
    plain.touch(0o644)
    assert separately(world, ["exec", "A=a", "--", str(plain)]).status == 126
    events = told.events()[2:]
    assert endings(events) == [("Exec", "CommandNotExecutableError", "")]
    assert events[0]["requestParameters"] == {}


def test_values_in_files_are_on_record_as_such(world: World, told: Told) -> None:
    """Which variables hold paths, and of what kind; not the path, nor the name of the file."""
    words = ["exec", "B=a", "--file", "A=a", "--file-name", f"A={CANARY}", "--file-kind", "fifo"]
    assert separately(world, [*words, "--", "true"]).status == 0
    said = told.events()[-1]["requestParameters"]
    assert isinstance(said, dict)
    assert (said["variables"], said["variableCount"]) == (["B", "A"], 2)
    assert (said["fileVariables"], said["fileKind"]) == (["A"], "fifo")
    assert CANARY not in str(said)


def test_variables_that_are_not_named_are_counted(world: World, service: Service) -> None:
    """64 of 100 are named."""
    many = ",".join(f'"K{number}":"v"' for number in range(100))
    service("CreateSecret", Name="many", SecretString=f"{{{many}}}")
    told = Told(world)
    told.lines()
    assert separately(world, ["exec", "many", "--", "true"]).status == 0
    said = told.events()[-1]["requestParameters"]
    assert isinstance(said, dict)
    assert len(said["variables"]) == 64
    assert (said["variableCount"], said["variablesOmitted"]) == (100, 36)
