"""From a template to a file or a pipe: private, whole, recorded, or refused before a read."""

import io
import json
import os
import stat
from pathlib import Path

import pytest

from secretctl.__main__ import main
from tests.conftest import Service, World
from tests.faults.commands import Ended, ended

CANARY = "canary-91d4"
PASSWORD = f'{CANARY} "it\'s"\n'


@pytest.fixture(autouse=True)
def _secrets(service: Service, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    service(
        "CreateSecret",
        Name="prod/db",
        SecretString=json.dumps({"user": "app", "password": PASSWORD, "port": 5432, "none": None}),
    )
    service("CreateSecret", Name="prod/key", SecretBinary=b"\xff\0key")
    monkeypatch.chdir(world.home)


def inject(world: World, text: str | bytes, *words: str, name: str = "t") -> Ended:
    """Run ``inject`` for a template of *text*."""
    content = text if isinstance(text, bytes) else text.encode()
    (world.home / name).write_bytes(content)
    return ended(world, "inject", name, *words)


def events(world: World) -> list[dict[str, object]]:
    """Return the records made since the secrets were, without those of opening the vault."""
    lines = ended(world, "audit", "tail", "-n", "50").stdout.splitlines()
    read = [json.loads(line) for line in lines]
    assert not any(CANARY in line for line in lines)
    made = max(place for place, each in enumerate(read) if each["eventName"] == "CreateSecret")
    opening = ("UnlockVault", "TrustEstablished")
    return [each for each in read[made + 1 :] if each["eventName"] not in opening]


def names(world: World) -> list[str]:
    """Return the names of these records."""
    return [str(each["eventName"]) for each in events(world)]


def test_references_are_replaced_and_nothing_else(world: World) -> None:
    """By either form, the value to the byte, the rest to the byte."""
    text = (
        b"\xef\xbb\xbfuser={{resolve:secretsmanager:prod/db:SecretString:user}}\r\n"
        b"\xfe port=secretctl://prod/db#port;key={{ secretctl://prod/key }}{{other}}"
    )
    out = world.home / "out"
    assert inject(world, text, "--out", str(out)) == (0, "", "")
    assert out.read_bytes() == (b"\xef\xbb\xbfuser=app\r\n\xfe port=5432;key=\xff\0key{{other}}")


def test_a_file_is_private_and_replaced_whole(world: World) -> None:
    """Mode 0600 whatever was there."""
    path = world.home / "out"
    path.write_text("before")
    path.chmod(0o644)
    assert inject(world, "secretctl://prod/db#user", "--out", str(path)).status == 0
    assert path.read_text() == "app"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "words",
    [
        ["inject", "t"],
        ["export", "prod/db", "--format", "json"],
        ["audit", "checkpoint"],
        ["audit", "export"],
    ],
)
def test_an_empty_name_of_a_file_is_not_standard_output(words: list[str], world: World) -> None:
    """An unset variable behind --out prints nothing, and nothing is read."""
    (world.home / "t").write_text("secretctl://prod/db#user")
    for out in (["--out", ""], ["--out="]):
        done = ended(world, *words, *out)
        assert (done.status, done.stdout) == (252, "")
        assert "argument --out: the name is empty" in done.stderr
    assert names(world) == []


def test_standard_input_is_a_template(world: World) -> None:
    """Named by a hyphen."""
    context = world.context._replace(stdin=io.TextIOWrapper(io.BytesIO(b"\xff{{secretctl://x")))
    done = ended(world, "inject", "-", context=context)
    assert done.status == 252
    assert "line 1, column 2 of standard input: a reference is not ended" in done.stderr
    context = world.context._replace(stdin=io.StringIO("<secretctl://prod/db#user>"))
    assert ended(world, "inject", "-", context=context) == (0, "<app>", "")


def test_each_secret_is_read_once_and_all_is_recorded(world: World) -> None:
    """Reads first, then what was made of them, without a value; exposure knows of it."""
    text = '["secretctl://prod/db#user", "secretctl://prod/db#password", "{{secretctl://prod/db}}"]'
    done = inject(world, text, "--escape", "json")
    assert json.loads(done.stdout)[:2] == ["app", PASSWORD]
    assert names(world) == ["GetSecretValue", "Inject"]
    read, made = events(world)
    assert made["requestParameters"] == {"escape": "json", "referenceCount": 3}
    assert made.get("errorCode") is None
    assert made["requestID"] == read["requestID"]
    shown = json.loads(ended(world, "audit", "exposure", "--output", "json").stdout)
    assert [each.partition("@")[0] for each in shown["Exposures"][0]["Via"]] == ["inject"]


@pytest.mark.parametrize(
    ("text", "words", "said"),
    [
        ("secretctl://prod/db#user\n{{resolve:secretsmanager:prod/db", (), "line 2, column 1 of"),
        ("{{secretctl://prod/db#user}}", ("--escape", "json"), "'t' cannot be read as json"),
        ("secretctl://prod/db", ("--escape", "auto"), "does not say of what type"),
        ("secretctl://prod/db", ("--escape", "html"), "the escape is none of none, json"),
        ("secretctl://prod/db", ("--out", "t"), "that is the template itself"),
        ("secretctl://prod/db", ("--out", "./t"), "that is the template itself"),
    ],
)
def test_what_cannot_be_delivered_is_refused_first(
    world: World, text: str, words: tuple[str, ...], said: str
) -> None:
    """No value is read for a template or a command line that is wrong."""
    done = inject(world, text, *words)
    assert (done.status, done.stdout) == (252, "")
    assert said in done.stderr
    assert names(world) == []
    assert (world.home / "t").read_text() == text


def test_a_folder_that_is_not_there_is_told(world: World, tmp_path: Path) -> None:
    """Before any read."""
    path = tmp_path / "no ne/out"
    done = inject(world, "secretctl://prod/db", "--out", str(path))
    assert (done.status, names(world)) == (255, [])
    assert f"there is no folder '{path.parent}'" in done.stderr
    assert f"mkdir -p '{path.parent}'" in done.stderr


def test_a_file_that_others_could_replace_is_refused(world: World) -> None:
    """A folder others write to, the vault, a link, before any read."""
    shared = world.home / "shared"
    shared.mkdir()
    shared.chmod(0o770)
    for path in (shared / "out", Path(world.directory) / "out"):
        assert inject(world, "secretctl://prod/db", "--out", str(path)).status in (252, 253)
        assert not path.exists()
    link = world.home / "link"
    link.symlink_to(world.home / "target")
    assert inject(world, "secretctl://prod/db", "--out", str(link)).status == 255
    assert not (world.home / "target").exists()
    assert names(world) == []


def test_a_template_that_is_none_is_told(world: World) -> None:
    """A folder, a pipe nobody writes to, nothing, and more than there may be."""
    os.mkfifo(world.home / "pipe")
    with (world.home / "large").open("wb") as file:
        file.truncate((1 << 22) + 1)
    for path, said in (
        (".", "Is a directory"),
        ("pipe", "it is a pipe"),
        ("none", "No such file"),
        ("large", "is larger than 4194304 bytes"),
        ("a\0b", "it is no path"),
    ):
        done = ended(world, "inject", path)
        assert done.status == 252
        assert said in done.stderr


@pytest.mark.parametrize(
    ("reference", "words", "status", "said"),
    [
        ("prod/none", (), 254, "source 'prod/none'"),
        ("prod/db#nope", (), 252, "'prod/db' has no key 'nope'"),
        ("prod/db#none", (), 252, "is null"),
        ("prod/key", ("--escape", "json"), 252, "'prod/key' cannot be written as json: it is"),
    ],
)
def test_one_value_that_fails_stops_all(
    world: World, reference: str, words: tuple[str, ...], status: int, said: str
) -> None:
    """Nothing is written, the secret is named, and it is recorded as failed."""
    path = world.home / "out"
    text = f'["secretctl://prod/db#password", "{{{{secretctl://{reference}}}}}"]'
    done = inject(world, text, "--out", str(path), *words)
    assert (done.status, done.stdout, path.exists()) == (status, "", False)
    assert said in done.stderr
    assert CANARY not in done.stderr
    last = events(world)[-1]
    assert last["eventName"] == "Inject"
    assert last["errorCode"] in ("DeliveryError", "ResourceNotFoundException")


def test_the_name_of_the_file_says_how_to_escape(world: World) -> None:
    """That of the file to write, else that of the template."""
    text = 'a: "{{secretctl://prod/db#password}}"\n'
    done = inject(world, text, "--escape", "auto", name="app.yaml.tmpl")
    assert done.stdout == f'a: "{CANARY} \\"it\'s\\"\\u000a"\n'
    done = inject(world, text, "--escape", "auto", "--out", "x.json", name="app.yaml")
    assert "'app.yaml' cannot be read as json" in done.stderr


def test_a_template_without_a_reference_is_told(world: World) -> None:
    """Most likely one was misspelled; it is written as it is."""
    done = inject(world, "{{secretsmanager:prod/db}}")
    assert done == (0, "{{secretsmanager:prod/db}}", "secretctl: note: 't' holds no reference\n")


def test_a_terminal_is_not_steered(world: World, service: Service) -> None:
    """Escapes where the text goes to a person; bytes of no encoding as well."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    service("CreateSecret", Name="prod/odd", SecretString="\x1b[1m")
    (world.home / "t").write_bytes(b"\xff\tsecretctl://prod/odd\n")
    out = Terminal()
    context = world.context._replace(stdout=out)
    assert main(["inject", "t"], context) == 0
    assert out.getvalue() == "\\xff\t\\x1b[1m\n"
