"""Functions in Python: run as in Lambda, given what is theirs, and ended in time."""

import hashlib
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from secretctl.rotation.python_function import prepared
from secretctl.rotation.registry import Registered
from secretctl.rotation.steps import RotationError
from tests.conftest import World, world_in
from tests.faults.test_kill_recorded import real_time
from tests.rotation import functions
from tests.rotation.conftest import Own, Rotator, exposed
from tests.service.conftest import Told


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A home with the clock that the function has, which signs its requests."""
    return real_time(world_in(tmp_path / "home"))


@pytest.fixture
def python(rotator: Rotator, tmp_path: Path) -> Own:
    """Rotates by functions in a folder."""
    path = str(tmp_path / "lambda_function.py")
    return Own(rotator, Registered("mine", path, python=sys.executable), prepared)


def test_a_function_of_lambda_rotates_unmodified(python: Own, world: World) -> None:
    """By boto3, the four steps, in one process; what it read is no exposure of what it made."""
    version = python.by(functions.PLAIN)
    assert python.labels[version] == ["AWSCURRENT"]
    assert exposed(world) == []
    assert len(python.value()) == 32


def test_values_are_left_out_of_what_it_prints(python: Own) -> None:
    """The file is its owner's alone, and has the value nowhere."""
    python.by(functions.PLAIN)
    assert "made ***" in python.printed
    assert python.value() not in python.printed
    assert os.stat(python.log).st_mode & 0o777 == 0o600


def test_a_function_has_its_secret_alone(python: Own, world: World) -> None:
    """Another secret, another operation, another service: refused, and on record."""
    python.service("CreateSecret", Name="other", SecretString="not-for-it")
    told = Told(world)
    told.lines()
    python.by(functions.CURIOUS)
    printed = python.printed
    assert "WAS ALLOWED" not in printed
    for what in ("other", "list", "delete", "policy"):
        assert f"{what} ClientError An error occurred (AccessDeniedException)" in printed
    assert "rds " in printed
    assert "not-for-it" not in printed
    records = [json.loads(line) for line in told.lines()]
    denied = {each["eventName"] for each in records if each.get("errorCode")}
    assert {"GetSecretValue", "ListSecrets", "DeleteSecret", "PutResourcePolicy"} <= denied
    refused = [each for each in records if each.get("errorCode") == "AccessDeniedException"]
    keys = {each["userIdentity"].get("accessKeyId") for each in refused}
    assert len(keys) == 1
    assert str(keys.pop()).startswith("ASIA")


def test_its_environment_is_made_of_nothing(python: Own, monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of ours, no key of the vault, no profile of AWS."""
    monkeypatch.setenv("SECRETCTL_PASSPHRASE", "hidden")
    monkeypatch.setenv("AWS_PROFILE", "prod")
    python.by(functions.CURIOUS, env=(("EXCLUDE_CHARACTERS", ":"),))
    (line,) = [each for each in python.printed.splitlines() if each.startswith("environment")]
    names = line.partition(" ")[2]
    assert "'EXCLUDE_CHARACTERS'" in names
    assert "SECRETCTL_PASSPHRASE" not in names
    assert "AWS_PROFILE" not in names
    assert "remaining True" in python.printed
    assert "named mine" in python.printed


def test_it_may_read_what_it_is_registered_for(python: Own) -> None:
    """A master's secret, which it cannot change."""
    python.service("CreateSecret", Name="master", SecretString="of-the-master")
    reading = functions.PLAIN + (
        '\n    print(client.get_secret_value(SecretId="master")["Name"])'
        '\n    try: client.put_secret_value(SecretId="master", SecretString="x")'
        "\n    except Exception as error: print(error)\n"
    )
    python.by(reading, read=("master",))
    assert "master\n" in python.printed
    assert "AccessDeniedException" in python.printed
    assert python.service("GetSecretValue", SecretId="master")["SecretString"] == "of-the-master"


def test_after_the_end_its_credential_opens_nothing(python: Own, tmp_path: Path) -> None:
    """The endpoint has gone with the rotation."""
    kept = tmp_path / "kept"
    keeping = f"import os\nopen({str(kept)!r}, 'w').write(os.environ['AWS_ENDPOINT_URL'])\n"
    python.by(keeping + functions.PLAIN)
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(kept.read_text() + "/ping", timeout=2)


def test_an_exception_is_named_and_its_text_is_not(python: Own, world: World) -> None:
    """It may hold a value: the class alone is told, the rest lies in the file."""
    told = Told(world)
    told.lines()
    with pytest.raises(RotationError, match="the function mine raised ValueError") as caught:
        python.by(functions.FAILING)
    assert "hidden-in" not in f"{caught.value} {caught.value.hints}"
    assert python.log in " ".join(caught.value.hints)
    assert "hidden-in-a-message" in python.printed
    assert not any(b"hidden-in" in line for line in told.lines())


def test_a_step_that_takes_too_long_is_killed_with_its_children(python: Own) -> None:
    """At its timeout, and what it printed until then is there."""
    began = time.monotonic()
    with pytest.raises(RotationError, match="mine took longer than its timeout"):
        python.by(functions.NOT_ENDING, timeout_s=2)
    assert time.monotonic() - began < 20
    assert "started" in python.printed
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    ours = [each for each in listed.stdout.splitlines() if each.startswith(sys.executable)]
    assert not any("time.sleep(60)" in each for each in ours)


def test_a_function_that_dies_is_a_failed_step(python: Own) -> None:
    """The next try goes on with the same version."""
    with pytest.raises(RotationError, match="ended without an answer"):
        python.by(functions.DYING)
    version = python.pending
    python.write(functions.PLAIN)
    python.again(version)
    assert python.labels[version] == ["AWSCURRENT"]


def test_a_pinned_file_runs_as_it_was_and_not_otherwise(python: Own) -> None:
    """Whoever can change the file gets nothing by that."""
    digest = hashlib.sha256(functions.PLAIN.encode()).hexdigest()
    python.by(functions.PLAIN, sha256=digest)
    other = functions.PLAIN + "\n"
    with pytest.raises(RotationError, match="is not the one that was registered") as caught:
        python.by(other, sha256=digest)
    assert f'sha256 = "{hashlib.sha256(other.encode()).hexdigest()}"' in caught.value.hints[0]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"path": "/nowhere/f.py"}, "cannot be read: no such file"),
        ({"python": "/nowhere/python"}, "interpreter of the function mine cannot be run"),
        ({"handler": "another"}, "raised AttributeError"),
    ],
)
def test_what_cannot_be_run_is_said(python: Own, more: dict[str, object], said: str) -> None:
    """A file, an interpreter, or a handler that is not there."""
    with pytest.raises(RotationError, match=said):
        python.by(functions.PLAIN, **more)


def test_checking_loads_and_runs_nothing(python: Own) -> None:
    """A fault of the file shows before any version is made."""
    before = python.labels
    python.write("import not_there\n" + functions.PLAIN)
    with pytest.raises(RotationError, match="it would fail: the function mine raised ModuleNot"):
        python.check()
    python.write(functions.FAILING)
    python.check()
    python.file.chmod(0o622)
    with pytest.raises(RotationError, match="somebody else could have written the file"):
        python.check()
    assert python.labels == before


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("raise type('A' * 6000, (Exception,), {})()", "raised an exception"),
        ("raise type(event['SecretId'].encode().hex()[:9], (Exception,), {})()", "an exception"),
        ("os.write(WRITES, b'\\xff\\xfe not json\\n')", "wrote where only its answers go"),
        ("os.write(WRITES, b'[' * 4000 + b'\\n')", "wrote where only its answers go"),
        ("os.write(WRITES, b'[]\\n')", "wrote where only its answers go"),
        ("os.write(WRITES, b'{}\\n')", "wrote where only its answers go"),
        ("os.write(WRITES, b'x' * 9000)", "wrote where only its answers go"),
        ("os.fork()", "wrote where only its answers go"),
    ],
)
def test_whatever_it_answers_is_a_step_that_failed(python: Own, step: str, said: str) -> None:
    """Which is noted, and tried again later; what it wrote is in no message."""
    writes = "WRITES = int(sys.argv[4])\n"
    python.write(functions.PLAIN.replace("\n\n", f"\n{writes}\n", 1) + f"    {step}\n")
    version = python.begin()
    with pytest.raises(RotationError, match=said) as caught:
        python.again(version)
    assert "A" * 9 not in str(caught.value)
    rotation = python.kept(version).secret.rotation
    assert rotation is not None
    assert (rotation.failed_tries, rotation.next_try_ms is None) == (1, False)


def test_a_class_that_is_called_as_a_value_is_not_named(python: Own) -> None:
    """What is raised has any name that a function gives it."""
    raises = "value = client.get_secret_value(SecretId=arn)['SecretString']\n    "
    raises += "raise type(value, (Exception,), {})()"
    python.service("PutSecretValue", SecretId="db", SecretString="HiddenName")
    with pytest.raises(RotationError, match="raised an exception"):
        python.by(functions.PLAIN + f"    {raises}\n")


def test_nothing_of_ours_is_in_the_way_of_what_it_imports(python: Own) -> None:
    """A package may be called as a file of ours is: here none is found, and none of ours."""
    imports = "import importlib.util\nfor name in ('mysql', 'postgres', 'database', 'output'):\n"
    imports += "    assert importlib.util.find_spec(name) is None, name\n"
    python.by(imports + functions.PLAIN)


def test_what_it_logs_is_kept_at_the_level_it_sets(python: Own) -> None:
    """By the root logger, which has a handler as in Lambda: AWS's functions give it none."""
    logs = "import logging\nlogger = logging.getLogger()\nlogger.setLevel(logging.INFO)\n"
    python.by(logs + functions.PLAIN + "    logger.info('did %s', step)\n")
    assert "did createSecret\n" in python.printed


@pytest.mark.parametrize(
    "source",
    [
        "async def lambda_handler(event, context): pass\n",
        "def lambda_handler(event, context): return {'a': object()}\n",
        "lambda_handler = 1\n",
    ],
)
def test_what_lambda_cannot_answer_is_a_step_that_failed(python: Own, source: str) -> None:
    """An asynchronous handler has done nothing; what is none is found before any rotation."""
    with pytest.raises(RotationError, match="createSecret: the function mine raised TypeError"):
        python.by(source)
    if "def" not in source:
        with pytest.raises(RotationError, match=r"it would fail: .* raised TypeError"):
            python.check()


def test_streams_that_it_closed_are_no_failure(python: Own) -> None:
    """Its step is done; and a number as boto3 gives it may be returned."""
    closing = "    sys.stdout.close()\n    sys.stderr = None\n"
    returning = "    from decimal import Decimal\n    return {'a': Decimal('1.5')}\n"
    version = python.by(functions.PLAIN + closing + returning)
    assert python.labels[version] == ["AWSCURRENT"]
