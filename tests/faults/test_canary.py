"""What was typed in, wherever it was: no file of ours and no message holds it, in any spelling."""

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
import urllib.parse
from base64 import b64encode
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from secretctl.model.operations import OPERATIONS
from secretctl.model.shapes import kebab
from tests.conftest import World
from tests.faults.commands import ROOT, Ended, separately

CANARY = 'CANARY9f3b/"\\ü' + "e5a1c07d"
PLAIN = "CANARY9f3be5a1c07d"


def spellings(text: str) -> set[bytes]:
    """Return how *text* may be found: as it is, base64 in each alignment, hex, URL, JSON."""
    raw = text.encode()
    found = {raw, raw.hex().encode(), raw.hex().upper().encode(), raw[::-1]}
    for before in range(3):
        encoded = b64encode(bytes(before) + raw)
        found.add(encoded[-(-before * 4 // 3) : len(encoded) - 4])
    found |= {urllib.parse.quote(text, safe=safe).encode() for safe in ("", "/")}
    for ascii_only in (True, False):
        once = json.dumps(text, ensure_ascii=ascii_only)[1:-1]
        found |= {once.encode(), json.dumps(once)[1:-1].encode()}
    return found


NEEDLES = spellings(CANARY) | spellings(PLAIN) | {b"CANARY9f3b", b"e5a1c07d"}


def assert_nowhere(world: World, *ends: Ended) -> None:
    """Check every file below the home, and what was said on standard error."""
    for path in (path for path in world.home.rglob("*") if path.is_file()):
        content = path.read_bytes() + os.fsencode(path)
        assert not [needle for needle in NEEDLES if needle in content], path
    for done in ends:
        said = done.stderr.encode()
        assert not [needle for needle in NEEDLES if needle in said], done.stderr


def test_the_needles_are_found() -> None:
    """In base64 behind 0, 1 and 2 bytes more, and in the other spellings."""
    for before in ("", "a", "ab"):
        encoded = b64encode(f"{before}{PLAIN}, and more".encode())
        assert any(needle in encoded for needle in NEEDLES)
    assert any(needle in json.dumps({"v": CANARY}).encode() for needle in NEEDLES)


@pytest.fixture
def inputs(world: World, tmp_path: Path) -> Path:
    """A vault with a secret, and a folder of inputs outside of the home."""
    made = separately(world, ["create-secret", "--name", "a", "--secret-string", "v"])
    assert made.status == 0, made.stderr
    folder = tmp_path / "inputs"
    folder.mkdir(mode=0o700)
    return folder


def written(path: Path, content: str | bytes) -> str:
    """Write an input; return how a command line names it."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    path.chmod(0o600)
    return str(path)


@pytest.mark.parametrize("canary", [CANARY, PLAIN])
def test_what_is_accepted_is_kept_sealed(world: World, inputs: Path, canary: str) -> None:
    """Value, binary value, description, tag value, by option, file and JSON, and read back."""
    binary = written(inputs / "binary", b"\0" + canary.encode())
    text = written(inputs / "text", canary)
    whole = {"Name": "c", "SecretString": canary, "Description": canary}
    given = written(inputs / "json", json.dumps(whole))
    ends = [
        separately(world, words)
        for words in (
            ["create-secret", "--name", "b", "--secret-string", canary, "--description", canary],
            ["create-secret", "--cli-input-json", f"file://{given}"],
            ["put-secret-value", "--secret-id", "a", "--secret-string", f"file://{text}"],
            ["put-secret-value", "--secret-id", "b", "--secret-binary", f"fileb://{binary}"],
            ["update-secret", "--secret-id", "a", "--description", canary],
            ["get-secret-value", "--secret-id", "a"],
            ["get-secret-value", "--secret-id", "b"],
            ["describe-secret", "--secret-id", "a"],
            ["list-secrets"],
            ["list-secrets", "--filters", "Key=description,Values=CANARY"],
            ["exec", "V=a", "--", "sh", "-c", 'test -n "$V"'],
        )
    ]
    ends.append(
        separately(
            world,
            ["tag-resource", "--secret-id", "a", "--tags", f'[{{"Key":"k","Value":"{PLAIN}"}}]'],
        )
    )
    assert [done.status for done in ends] == [0] * len(ends), ends
    assert canary in json.loads(ends[5].stdout)["SecretString"]
    assert_nowhere(world, *ends)


def test_what_is_refused_is_not_repeated(world: World, inputs: Path) -> None:
    """Ids of nothing, filters, policies, malformed JSON, in files and on the line."""
    nonsense = written(inputs / "nonsense", f'{{"SecretString": "{PLAIN}", ')
    policy = json.dumps({"Statement": [{"Sid": PLAIN, "Effect": PLAIN, "Action": CANARY}]})
    ends = [
        separately(world, words)
        for words in (
            ["get-secret-value", "--secret-id", PLAIN],
            ["get-secret-value", "--secret-id", f"arn:aws:secretsmanager:x:0:secret:{PLAIN}"],
            ["put-secret-value", "--secret-id", PLAIN, "--secret-string", CANARY],
            ["create-secret", "--name", CANARY, "--secret-string", "v"],
            ["create-secret", "--name", "a", "--secret-string", CANARY],
            ["list-secrets", "--filters", f"Key=name,Values={PLAIN}", "--max-results", "0"],
            ["list-secrets", "--next-token", PLAIN],
            ["put-resource-policy", "--secret-id", "a", "--resource-policy", policy],
            ["put-resource-policy", "--secret-id", "a", "--resource-policy", f"{{{CANARY}"],
            ["validate-resource-policy", "--resource-policy", CANARY],
            ["create-secret", "--cli-input-json", f'{{"Name": "x", "SecretString": "{PLAIN}"'],
            ["create-secret", "--cli-input-json", f"file://{nonsense}"],
            ["create-secret", "--cli-input-json", json.dumps({"Name": "x", PLAIN: CANARY})],
            ["create-secret", "--cli-input-json", json.dumps({"Name": [CANARY]})],
            ["tag-resource", "--secret-id", "a", "--tags", f"Key=k,Value={PLAIN},{PLAIN}=x"],
            ["batch-get-secret-value", "--secret-id-list", PLAIN, "a"],
        )
    ]
    assert [done.status for done in ends[:5]] == [254] * 5, ends
    for done in ends:
        assert "Traceback" not in done.stderr
    assert_nowhere(world, *ends)


@pytest.mark.usefixtures("inputs")
def test_what_aws_names_in_its_sentences_is_in_no_file(world: World) -> None:
    """The version, label, filter or key that was asked for is answered, and not recorded."""
    for words in (
        ["get-secret-value", "--secret-id", "a", "--version-id", PLAIN * 2],
        ["get-secret-value", "--secret-id", "a", "--version-stage", PLAIN],
        ["list-secrets", "--filters", f"Key={PLAIN},Values=v"],
        ["exec", f"V=a#{PLAIN}", "--", "true"],
    ):
        assert separately(world, words).status != 0
    assert_nowhere(world)


@pytest.mark.usefixtures("inputs")
def test_a_wrong_parameter_is_not_repeated_wherever_it_stands(world: World) -> None:
    """Behind each option of each operation, as an option, as a stray word."""
    ends = []
    for operation in (each for each in OPERATIONS if each.name != "GetRandomPassword"):
        command = kebab(operation.name)
        words: list[str] = [command]
        for member in operation.input:
            words += [f"--{kebab(member.name)}", CANARY]
        ends.append(separately(world, words))
        ends.append(separately(world, [command, CANARY]))
        ends.append(separately(world, [command, f"--{PLAIN}", PLAIN]))
    assert all(done.status for done in ends)
    assert_nowhere(world, *ends)


def test_a_passphrase_is_nowhere(world: World, inputs: Path) -> None:
    """Neither the right one nor a wrong one."""
    right = written(inputs / "right", CANARY)
    wrong = written(inputs / "wrong", PLAIN)
    place = str(world.home / "locked")
    made = separately(
        world, ["init", "--passphrase", "--vault", place], SECRETCTL_PASSPHRASE_FILE=right
    )
    assert made.status == 0, made.stderr
    opened = separately(world, ["list-secrets", "--vault", place], SECRETCTL_PASSPHRASE_FILE=right)
    assert opened.status == 0, opened.stderr
    refused = separately(world, ["list-secrets", "--vault", place], SECRETCTL_PASSPHRASE_FILE=wrong)
    assert refused.status == 253
    assert_nowhere(world, made, opened, refused)


@pytest.fixture
def runtime() -> Iterator[Path]:
    """A folder in memory for us alone, as a login makes one."""
    folder = Path("/dev/shm", f"test-{secrets.token_hex(8)}")
    folder.mkdir(mode=0o700)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize("kind", ["file", "fifo", "descriptor"])
def test_a_value_in_a_file_is_nowhere_afterwards(
    world: World, inputs: Path, runtime: Path, kind: str
) -> None:
    """Home, TMPDIR, XDG_RUNTIME_DIR and /dev/shm, after ends, failures and kills of every sort."""
    given = f"file://{written(inputs / 'value', PLAIN)}"
    made = separately(world, ["create-secret", "--name", "c", "--secret-string", given])
    assert made.status == 0, made.stderr
    temporary = world.home / "tmp"
    temporary.mkdir()
    for place in (str(runtime), ""):  # its own, and /dev/shm
        around = {"XDG_RUNTIME_DIR": place, "TMPDIR": str(temporary)}
        words = ["exec", "--file", "V=c", "--file-kind", kind, "--"]
        scripts = ('test "$(cat $V)"', "cat $V | md5sum; exit 9", "kill -9 $$", "kill $$; sleep 9")
        ends = [separately(world, [*words, "sh", "-c", each], **around) for each in scripts]
        assert [done.status for done in ends] == [0, 9, -9, -15]
        assert separately(world, [*words, written(inputs / "program", "x")], **around).status == 126
        killed(world, [*words, "sh", "-c", "echo; exec sleep 60"], around)
        await_in_no_file(runtime.parent)
        assert separately(world, [*words, "true"], **around).status == 0
        assert_nowhere(world, *ends)
        assert list(runtime.iterdir()) == []
        assert_in_no_file(runtime.parent)


def killed(world: World, words: list[str], around: dict[str, str]) -> None:
    """Run a command until it says something, and kill it."""
    environ = {"HOME": str(world.home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    child = subprocess.Popen(
        [sys.executable, "-m", "secretctl", *words], env=environ | around, stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    child.stdout.readline()
    child.send_signal(signal.SIGKILL)
    child.communicate()


def await_in_no_file(folder: Path) -> None:
    """Wait for the guard of a command that was killed, which removes what that left."""
    ends = time.monotonic() + 20
    while holding(folder) and time.monotonic() < ends:
        time.sleep(0.01)


def assert_in_no_file(folder: Path) -> None:
    """Check every file below *folder*."""
    assert holding(folder) == []


def holding(folder: Path) -> list[Path]:
    """Return the files below *folder* that hold a value; those of others come and go meanwhile."""
    found = []
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):
            content = path.read_bytes() if path.is_file() else b""
            found += [path] if any(needle in content for needle in NEEDLES) else []
    return found
