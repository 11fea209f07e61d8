"""What a command imports decides how fast it starts; what it syncs, how fast it changes."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.access.conftest import Account, allow, deny, policy
from tests.conftest import Service, World

ROOT = Path(__file__).parents[1]
COLD = {
    *("typer", "rich", "pydantic", "dataclasses", "inspect", "platformdirs", "http", "logging"),
    *("uuid", "asyncio", "click", "importlib.metadata", "argparse", "jmespath", "yaml"),
    *("subprocess", "secrets", "hashlib", "pathlib", "tempfile", "hmac", "base64"),
    *("typing", "re", "enum", "json", "cryptography.hazmat.primitives.hashes"),
    *("datetime", "sqlite3", "importlib", "warnings", "binascii"),
}
DRIVER = """
import os, sys
from secretctl.__main__ import main
from secretctl.context import of_process
status = main(sys.argv[1:], of_process())
sys.stdout.flush()
sys.stderr.write("MODULES " + " ".join(sys.modules) + "\\n")
sys.exit(status)
"""
HOT = {
    "get": ["get-secret-value", "--secret-id", "a"],
    "get text": [
        "get-secret-value",
        "--secret-id",
        "a",
        "--query",
        "SecretString",
        "--output",
        "text",
    ],
    "create": ["create-secret", "--name", "b", "--secret-string", "v"],
    "list": ["list-secrets"],
    "put": ["put-secret-value", "--secret-id", "a", "--secret-string", "w"],
    "get value": ["get", "a"],
    "set value": ["set", "a"],
    "set key": ["set", "new#k", "--create"],
    "complete": ["__complete", "--", "get-secret-value", "--secret-id", ""],
    "complete described": [
        *("__complete", "--described", "--", "get-secret-value", "--secret-id", ""),
    ],
    "complete option": ["__complete", "--described", "--", "policy", "lint", "--"],
    "complete key": ["__complete", "--", "create-secret", "--kms-key-id", ""],
}
OF_ENDPOINTS = (
    *("uvicorn", "secretctl.server", "secretctl.service.serving", "threading"),
    *("secretctl.cli.exec_endpoint", "secretctl.delivery.supervise", "secretctl.cli.reopening"),
)
OF_SERVICES = {
    "grant": ["kms", "revoke-grant", "--key-id", "alias/aws/secretsmanager", "--grant-id", ""],
    "alias": ["kms", "describe-key", "--key-id", "alias/"],
    "user": ["iam", "get-user", "--user-name", ""],
    "policy": ["policy", "apply", ""],
}
DECIDING = """
import sys
from secretctl.policy import evaluation, grammar, principal_names, refusal
policy, faults = grammar.read_text(sys.argv[1], "identity")
caller = principal_names.principal("arn:aws:iam::123456789012:user/a")
context = {"n": "4", "d": "0", "s": "x"}
request = evaluation.request(caller, "s:Get", "arn:aws:s::123456789012:a-1", context)
found = evaluation.evaluate(request, evaluation.Policies(identity=(policy,)))
assert "no identity-based policy allows" in refusal.sentence(found, "x")
sys.stdout.write(" ".join(sys.modules))
"""
POLICY = """{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s:G*",
"Resource": "arn:aws:s::123456789012:${aws:username, 'a'}-?",
"Condition": {"StringLike": {"s": "?*"}, "NumericLessThan": {"n": 3},
"DateLessThan": {"d": "2030-01-01T00:00:00Z"}}}}"""
SERVICES = {f"secretctl.model.{name}" for name in ("iam", "kms", "sts")}
HAS_STRACE = shutil.which("strace") is not None
if not HAS_STRACE:
    sys.stderr.write("WARNING: no strace: the number of syncs is NOT CHECKED\n")


def environment(world: World) -> dict[str, str]:
    """Return the environment of a process in the test's home."""
    return {"HOME": str(world.home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}


@pytest.mark.parametrize("name", HOT)
def test_hot_commands_import_nothing_heavy(world: World, service: Service, name: str) -> None:
    """None of the costly modules is loaded where a command has to be fast."""
    service("CreateSecret", Name="a", SecretString="v")
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, *HOT[name]],
        env=environment(world),
        input="value",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    loaded = set(done.stderr.rpartition("MODULES ")[2].split())
    assert "secretctl.__main__" in loaded
    assert loaded.isdisjoint(COLD | SERVICES), loaded & (COLD | SERVICES)
    described = {"secretctl.cli.complete_described", "secretctl.cli.complete_texts"}
    assert loaded.isdisjoint(described) == (name != "complete option")
    assert "secretctl.cli.exec" not in loaded


def test_plain_files_are_read_without_anything_heavy(world: World, service: Service) -> None:
    """A configuration, a manifest and a value in a file cost no reader of TOML and no patterns."""
    service("CreateSecret", Name="a", SecretString="v")
    config = world.home / ".config/secretctl/config.toml"
    config.write_text('region = "us-east-1"\n[profile.ci]\noutput = "json"\n')
    manifest = world.home / "secretctl.toml"
    manifest.write_text('[variables]\nA = "a"  # of the test\n')
    (world.home / "value").write_text("w")
    for words in (
        ["check", "--profile", "ci", "--manifest", str(manifest)],
        ["put-secret-value", "--secret-id", "a", "--secret-string", f"file://{world.home}/value"],
    ):
        done = subprocess.run(
            [sys.executable, "-c", DRIVER, *words],
            env=environment(world),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        loaded = set(done.stderr.rpartition("MODULES ")[2].split())
        assert loaded.isdisjoint({"tomllib", *COLD} - {"binascii"}), loaded & COLD


def test_a_user_reads_without_anything_heavy(world: World) -> None:
    """Opening by a credential, deciding by policies and taking a granted key load none of it."""
    root = Account(world.context)
    root.must("create-secret", "--name", "a", "--secret-string", "v")
    user = root.user("alice")
    root.allow("alice", allow("secretsmanager:GetSecretValue"))
    document = policy(deny("secretsmanager:*", Condition={"StringLike": {"aws:userid": "b*"}}))
    made = root.must("iam", "create-policy", "--policy-name", "p", "--policy-document", document)
    attached = ("--user-name", "alice", "--policy-arn", made["Policy"]["Arn"])
    root.must("iam", "attach-user-policy", *attached)
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, *HOT["get"]],
        env={**environment(world), **user.environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    loaded = set(done.stderr.rpartition("MODULES ")[2].split())
    unneeded = {"policy.json_places", "policy.refusal", "policy.quantities"}
    unneeded |= {"model.condition_keys", "service.authorizing_calls"}
    heavy = COLD | SERVICES | {"shlex", "random"} | {f"secretctl.{name}" for name in unneeded}
    assert "secretctl.policy.evaluation" in loaded
    assert loaded.isdisjoint(heavy), loaded & heavy


@pytest.mark.parametrize("name", OF_SERVICES)
def test_completion_of_other_services_imports_nothing_heavy(
    world: World, service: Service, name: str
) -> None:
    """Names of keys, grants, users and policies come as quickly as those of secrets."""
    service("CreateSecret", Name="a", SecretString="v")
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, "__complete", "--", *OF_SERVICES[name]],
        env=environment(world),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ("alias/aws/secretsmanager\n" if name == "alias" else "")
    loaded = set(done.stderr.rpartition("MODULES ")[2].split())
    assert loaded.isdisjoint(COLD), loaded & COLD


@pytest.mark.parametrize("service", ["iam", "kms", "sts"])
def test_a_service_is_declared_only_where_it_is_called(world: World, service: str) -> None:
    """An operation of one service imports the declarations of no other."""
    operation = {"iam": "get-user", "kms": "create-key", "sts": "get-caller-identity"}[service]
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, service, operation],
        env=environment(world),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "there is no vault" in done.stderr
    loaded = set(done.stderr.rpartition("MODULES ")[2].split())
    assert loaded & SERVICES == {f"secretctl.model.{service}"}


def test_exec_imports_nothing_heavy(world: World, service: Service) -> None:
    """Exec starts its command without the costly modules: the import log shows none."""
    service("CreateSecret", Name="a", SecretString="v")
    starts = (sys.executable, "-X", "importtime", "-c", "from secretctl import start; start.run()")
    done = subprocess.run(
        [*starts, "exec", "a", "--", "true"],
        env=environment(world),
        capture_output=True,
        text=True,
        check=False,
    )
    loaded = set(re.findall(r"\| +([\w.]+)$", done.stderr, re.MULTILINE))
    assert done.returncode == 0
    of_files = {"secretctl.cli.exec_files", "secretctl.delivery.run_files", "ctypes"}
    of_files |= {"secretctl.delivery.run_folder", "secretctl.cli.exec_help"}
    of_files |= {"secretctl.cli.exec_hints"}  # nobody reads them here
    assert "secretctl.delivery.execute" in loaded
    assert loaded.isdisjoint(COLD | of_files), loaded & (COLD | of_files)
    assert not [each for each in loaded if each.startswith(OF_ENDPOINTS)]


def test_a_command_is_started_before_what_answers_it_is_loaded() -> None:
    """With --aws-endpoint the socket is there, and neither uvicorn nor a loop nor TLS."""
    listens = (
        "import sys, secretctl.cli.exec_endpoint as module\n"
        "module.listening()[0].close()\n"
        "sys.stdout.write(' '.join(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", listens],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(done.stdout.split())
    assert "secretctl.service.serving" in loaded
    assert loaded.isdisjoint({"uvicorn", "asyncio", "ssl", "logging", "secretctl.server.app"})


def test_check_imports_little_but_what_reads_toml(world: World, service: Service) -> None:
    """Of the costly modules only those that tomllib needs; no table where nobody sees one."""
    service("CreateSecret", Name="a", SecretString="v")
    (world.home / "secretctl.toml").write_text(
        '[variables]\nA = {secret="a", pattern="v"}\nB = "b"\n'
    )
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, "check"],
        env=environment(world),
        cwd=world.home,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.partition(":")[0]) == (1, "B")
    loaded = set(done.stderr.rpartition("MODULES ")[2].split())
    of_toml = {"re", "enum", "typing", "datetime", "warnings"}
    unwanted = (COLD - of_toml - {"binascii"}) | SERVICES
    assert loaded.isdisjoint(unwanted), loaded & unwanted


def test_deciding_imports_nothing_heavy() -> None:
    """A policy is read, a request evaluated and a refusal worded without the costly modules."""
    done = subprocess.run(
        [sys.executable, "-c", DECIDING, POLICY],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert "secretctl.policy.evaluation" in loaded
    assert loaded.isdisjoint({*COLD, "datetime", "ipaddress"}), loaded & COLD


def syncs_per_operation(world: World, service: Service) -> None:
    """Each is one sync for its place in the journal; a change is two, and a commit's five."""
    service("CreateSecret", Name="a", SecretString="v")
    names = ("get", "get", "list", "create", "put", "get", "get")
    assert [syncs(world, HOT[name]) for name in names] == [6, 1, 1, 7, 7, 6, 1]


def syncs_per_check(world: World, service: Service) -> None:
    """One for any number of variables, and those of a commit where values are first read."""
    for number in range(50):
        service("CreateSecret", Name=f"s/{number}", SecretString='{"k": "v"}')
    words: list[list[str]] = []
    for form in ("s/{}", "s/{}#k"):
        lines = [f'N{number} = "{form.format(number)}"' for number in range(50)]
        path = world.home / f"{len(words)}.toml"
        path.write_text("\n".join(["[variables]", *lines]))
        words.append(["check", "--manifest", str(path)])
    assert [syncs(world, words[which]) for which in (0, 0, 1, 1)] == [1, 1, 6, 1]


def syncs(world: World, words: list[str]) -> int:
    """Return how often a command syncs a file."""
    log = world.home / "trace"
    subprocess.run(
        [
            "strace",
            "-f",
            "-qq",
            "-o",
            str(log),
            "-e",
            "trace=fsync,fdatasync",
            sys.executable,
            "-m",
            "secretctl",
            *words,
        ],
        env=environment(world),
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return len(re.findall(r"(?:fsync|fdatasync)\(", log.read_text()))


if HAS_STRACE:
    test_syncs_are_those_of_one_commit = syncs_per_operation
    test_check_syncs_once = syncs_per_check
