"""``check``: what it finds, what it reads for that, what it records, and what it says."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from secretctl.__main__ import main
from secretctl.errors import ValueDamagedError
from secretctl.vault.view import View
from tests.access.conftest import Account, allow, deny
from tests.cli.test_getting import Terminal
from tests.conftest import Service, World
from tests.faults.commands import Ended, ended, separately

CANARY = "canary-5fe0"
DENIED, GONE = "AccessDeniedException", "ResourceNotFoundException"
SECRET = json.dumps({"url": f"https://{CANARY}", "n": 1, "none": None, "nul": f"{CANARY}\0"})
OPENING = ("UnlockVault", "TrustEstablished")


@pytest.fixture(autouse=True)
def project(world: World, service: Service, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The present folder, and a vault with a JSON object, a text and bytes."""
    service("CreateSecret", Name="prod/db", SecretString=SECRET)
    service("CreateSecret", Name="prod/text", SecretString=CANARY)
    service("CreateSecret", Name="prod/bytes", SecretBinary=b"\xff")
    service("CreateSecret", Name="prod/deleted", SecretString=CANARY)
    service("DeleteSecret", SecretId="prod/deleted")
    service("CreateSecret", Name="prod/empty")
    monkeypatch.chdir(world.home)
    return world.home


def check(world: World, *words: str, **more: str) -> Ended:
    """Run ``check``; no value is in what it says."""
    context = world.context._replace(environ={**world.context.environ, **more})
    said = ended(world, "check", *words, context=context)
    assert CANARY not in said.stdout + said.stderr
    return said


def statuses(said: Ended) -> dict[str, str]:
    """Return what JSON says of each variable: its problem, or how it stands."""
    answer: dict[str, Any] = json.loads(said.stdout)
    return {
        each["Name"] or each["Source"]: each.get("Problem", each["Status"])
        for each in answer["Variables"]
    }


def events(world: World) -> list[dict[str, Any]]:
    """Return what was recorded since the vault was filled, but for its opening."""
    lines = ended(world, "audit", "tail", "-n", "200").stdout.splitlines()
    assert not any(CANARY in line for line in lines)
    read = [json.loads(line) for line in lines]
    made = max(place for place, each in enumerate(read) if each["eventName"] == "CreateSecret")
    return [each for each in read[made + 1 :] if each["eventName"] not in OPENING]


def names(world: World) -> list[str]:
    """Return their names."""
    return [str(each["eventName"]) for each in events(world)]


def write(project: Path, *lines: str) -> None:
    """Write the manifest."""
    (project / "secretctl.toml").write_text("\n".join(lines) + "\n")


def test_what_is_there_is_not_read(world: World, project: Path) -> None:
    """Without key, type and pattern a secret is looked for alone; one record says of all."""
    write(project, "[variables]", 'A = "prod/text"', 'B = "prod/db"', 'C = "prod/bytes"')
    said = check(world)
    assert said == (0, f"3 variables: all there ({project / 'secretctl.toml'})\n", "")
    (record,) = events(world)
    assert record["eventName"] == "Check"
    expected = {"secrets": ["prod/text", "prod/db", "prod/bytes"], "secretCount": 3}
    assert record["requestParameters"] == expected
    assert record["readOnly"]
    exposed = json.loads(ended(world, "audit", "exposure", "--output", "json").stdout)
    assert exposed["Exposures"] == []


def test_what_has_to_be_read_is_read_once_and_recorded(world: World, project: Path) -> None:
    """A key, a type, a pattern; two of one secret are one read."""
    write(
        project,
        "[variables]",
        'URL = {secret = "prod/db#url", type = "url"}',
        'N = {secret = "prod/db#n", pattern = "[0-9]"}',
        'WHOLE = {secret = "prod/db", type = "json"}',
        'SEEN = "prod/text"',
    )
    assert check(world).status == 0
    assert names(world) == ["Check", "GetSecretValue"]
    read = events(world)[1]
    assert read["additionalEventData"]["operation"] == "check"
    assert read["requestID"] == events(world)[0]["requestID"]


def test_every_problem_is_found_in_one_run(world: World, project: Path) -> None:
    """Each by its code; what is right and what may be missing is none."""
    write(
        project,
        "[variables]",
        'RIGHT = "prod/db#url"',
        'GONE = "prod/gone"',
        'MAY_BE_GONE = {secret = "prod/gone#k", required = false}',
        'NO_KEY = "prod/db#none-such"',
        'MAY_LACK_KEY = {secret = "prod/db#none-such", required = false}',
        'NO_OBJECT = "prod/text#k"',
        'NULL = "prod/db#none"',
        'NUL = "prod/db#nul"',
        'BYTES = {secret = "prod/bytes", pattern = ".*"}',
        'DELETED = "prod/deleted"',
        'EMPTY = "prod/empty"',
        'VERSION = "prod/db?version=12345678-1234-1234-1234-123456789012"',
        'STAGE = "prod/db?stage=AWSPENDING"',
        'TYPE = {secret = "prod/text", type = "url"}',
        'PATTERN = {secret = "prod/text", pattern = "[0-9]+"}',
        'NAME = "prod/d b"',
    )
    said = check(world, "--output", "json")
    assert said.status == 1
    assert statuses(said) == {
        "RIGHT": "ok",
        "GONE": GONE,
        "MAY_BE_GONE": "missing",
        "NO_KEY": "KeyNotFound",
        "MAY_LACK_KEY": "missing",
        "NO_OBJECT": "NotDeliverable",
        "NULL": "NotDeliverable",
        "NUL": "NotDeliverable",
        "BYTES": "NotDeliverable",
        "DELETED": "InvalidRequestException",
        "EMPTY": GONE,
        "VERSION": GONE,
        "STAGE": GONE,
        "TYPE": "WrongType",
        "PATTERN": "PatternMismatch",
        "NAME": "ValidationException",
    }
    assert "13 of 16 variables missing, refused or wrong" in said.stderr
    assert "secretctl set --create prod/gone" in said.stderr


def test_what_is_right_alone_is_said_so(world: World, project: Path) -> None:
    """Where something may be missing and is, not all is there."""
    write(project, "[variables]", 'A = {secret = "prod/gone", required = false}')
    said = check(world)
    assert (said.status, said.stderr) == (0, "")
    assert said.stdout.startswith("1 variable: all that is required is there")


def test_lines_name_variable_source_and_problem(world: World, project: Path) -> None:
    """For logs; and what the variable is for."""
    write(
        project,
        "[variables]",
        'A = {secret = "prod/gone#k", description = "the \\u001b[1mbroker\\n"}',
        'B = {secret = "prod/text", type = "integer"}',
    )
    said = check(world)
    assert said.stdout.splitlines() == [
        "A: prod/gone#k: Secrets Manager can't find the specified secret. "
        "(the \\x1b[1mbroker\\x0a)",
        "B: prod/text: the value is not of the type integer",
    ]


def test_a_terminal_sees_a_table(world: World, project: Path) -> None:
    """Of what is wrong alone, with a column for what it is for where something is said of that."""
    raw = io.BytesIO()
    stdout = Terminal(raw, encoding="utf-8", write_through=True)
    for about, count in (("", 3), (', description = "b[/]"', 4)):
        write(project, "[variables]", f'A = {{secret = "prod/gone"{about}}}', 'B = "prod/db"')
        assert main(["check"], world.context._replace(stdout=stdout)) == 1
        shown = raw.getvalue().decode()
        assert ("NEEDED FOR" in shown, "b[/]" in shown) == (count == 4, count == 4)
        assert "VARIABLE" in shown
        assert "prod/db" not in shown


def test_sources_are_checked_instead(world: World, project: Path) -> None:
    """Words as exec takes them; the manifest too where an option names it."""
    write(project, "[variables]", 'A = "prod/gone"', "[environments.ci]", 'A = "prod/text"')
    assert check(world, "prod/db#url", "X=prod/text").stdout == "2 sources: all there\n"
    assert check(world, "prod/db#url", "--environment=ci").status == 0
    assert check(world, "prod/db#url", "--environment", "").status == 1
    said = check(world, "--output=json", "prod/gone", "prod/db:n", "--", "-x")
    assert statuses(said) == {"prod/gone": GONE, "prod/db#n": "ok", "-x": GONE}
    assert check(world, "PATH=prod/text").status == 252


def test_variables_that_exec_refuses_are_foreseen(world: World, service: Service) -> None:
    """By the key, by the name of the secret, or by a key that only its value shows."""
    service("CreateSecret", Name="a/user", SecretString=CANARY)
    service("CreateSecret", Name="a/path", SecretString=CANARY)
    service("CreateSecret", Name="a/env", SecretString=json.dumps({"ok": "1", "USER": CANARY}))
    service("CreateSecret", Name="a/load", SecretString=json.dumps({"LD_PRELOAD": CANARY}))
    refused = ["a/user", "a/path", "a/env", "a/load", "a/env#USER", "a/load#LD_PRELOAD"]
    taken = ["a/env#ok", "prod/text", "prod/db#url", "USER=a/env#USER", "LOGNAME=a/user"]
    found = statuses(check(world, "--output", "json", *refused, *taken))
    assert found.pop("USER") == found.pop("LOGNAME") == "ok"
    assert found == dict.fromkeys(refused, "NotDeliverable") | dict.fromkeys(taken[:3], "ok")
    for source in (*refused, "USER=a/env#USER"):
        done = separately(world, ["exec", source, "--", "true"])
        assert done.status == (252 if source in refused else 0), done


def test_an_environment_is_checked(world: World, project: Path) -> None:
    """By option or variable; an unknown one ends the command before the vault is opened."""
    write(project, "[variables]", 'A = "prod/gone"', "[environments.ci]", 'A = "prod/text"')
    said = check(world, "--environment", "ci")
    path = project / "secretctl.toml"
    assert said.stdout == f"1 variable: all there ({path}, environment ci)\n"
    assert check(world, SECRETCTL_ENVIRONMENT="ci").status == 0
    assert json.loads(check(world, "--output", "json").stdout)["Environment"] is None
    before = names(world)
    said = check(world, "--environment", "cu")
    assert said.status == 252
    assert "environments: ci" in said.stderr
    assert names(world) == before


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ((), "no source is given, and there is no 'secretctl.toml'"),
        (("--manifest",), "argument --manifest: expected one argument"),
        (("--environment", "--manifest", "x"), "argument --environment: expected one argument"),
        (("--manifest=a", "--manifest", "b"), "'--manifest' is given twice"),
        (("--output", "yaml", "a"), "'check' answers as text, table or json"),
        (("--query", "x", "a"), "'check' takes no --query"),
        (("--manifst", "x"), "did you mean --manifest?"),
        (("--debug", "--enviroment=x"), "did you mean --environment?"),
        (("x#",), "an empty key"),
        (("X=a", "X=b#k"), "two sources give the variable 'X': 'a' and 'b#k'"),
    ],
)
def test_unusable_words_are_refused(world: World, words: tuple[str, ...], named: str) -> None:
    """Before anything is opened, with what is wrong."""
    said = check(world, *words)
    assert (said.status, said.stdout) == (252, "")
    assert named in said.stderr
    assert names(world) == []


def test_a_manifest_that_is_none_is_refused(world: World, project: Path) -> None:
    """With exit status 253; what it would loosen is no key of it."""
    write(project, 'vault = "/elsewhere"', "[variables]", 'A = "prod/db"')
    said = check(world)
    assert said.status == 253
    assert "line 1: vault: unknown key" in said.stderr
    assert names(world) == []


@pytest.mark.parametrize("word", ["--help", "help"])
def test_help_is_shown(world: World, word: str) -> None:
    """It fits a terminal, and opens nothing."""
    said = check(world, word)
    assert said.status == 0
    assert max(map(len, said.stdout.splitlines())) <= 80
    assert names(world) == []


def test_a_principal_is_told_what_it_may_not_read(world: World, project: Path) -> None:
    """Denied, not granted, and, where it may not know, missing alike: recorded as refused."""
    root = Account(world.context)
    user = root.user("ci")
    root.allow(
        "ci",
        allow("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:*:*:secret:prod/*"),
        deny("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:*:*:secret:prod/text-*"),
    )
    write(
        project,
        "[variables]",
        'RIGHT = "prod/db"',
        'DENIED = "prod/text"',
        'OPTIONAL = {secret = "prod/text", required = false}',
        'ELSEWHERE = "other/x"',
        'GONE = "prod/gone"',
    )
    said = Ended(*user("check", "--output", "json"))
    assert said.status == 1
    assert statuses(said) == {
        "RIGHT": "ok",
        "DENIED": DENIED,
        "OPTIONAL": DENIED,
        "ELSEWHERE": DENIED,
        "GONE": GONE,
    }
    assert "policy explain" in said.stderr
    recorded = events(world)
    assert [each["eventName"] for each in recorded[-4:]] == ["Check", *["GetSecretValue"] * 3]
    refused = [each.get("errorCode") for each in recorded[-3:]]
    assert refused == [DENIED, DENIED, GONE]
    assert all("decision" in each["additionalEventData"] for each in recorded[-3:-1])
    assert "other/x" not in json.dumps(recorded[-4:])
    assert "prod/gone" not in json.dumps(recorded[-4:])


def test_a_key_that_is_not_granted_is_found_without_a_read(world: World, project: Path) -> None:
    """Policies allow, the key does not: nothing was read, and the value could not be."""
    root = Account(world.context)
    key = root.must("kms", "create-key")["KeyMetadata"]["KeyId"]
    secret = ("--name", "prod/own", "--secret-string", CANARY, "--kms-key-id", key)
    root.must("create-secret", *secret)
    user = root.user("ci")
    root.allow("ci", allow("secretsmanager:GetSecretValue"))
    write(project, "[variables]", 'OWN = "prod/own"', 'OTHER = "prod/db"')
    said = Ended(*user("check", "--output", "json"))
    assert statuses(said) == {"OWN": DENIED, "OTHER": "ok"}


def test_a_value_that_is_damaged_ends_the_check(
    world: World, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The vault is damaged: that is no matter of what is missing, and is recorded."""

    def damaged(*_: object) -> None:
        raise ValueDamagedError("a version's value was changed", "secretctl fsck")

    monkeypatch.setattr(View, "stored_value", damaged)
    write(project, "[variables]", 'A = "prod/text#k"')
    assert check(world).status == 253
    assert names(world) == ["Check", "GetSecretValue", "GetSecretValue", "Check"]
    assert events(world)[-1]["errorCode"] == "ValueDamagedError"
