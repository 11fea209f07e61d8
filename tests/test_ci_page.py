"""docs/ci.md does what it says: its jobs, scripts, units and commands are run.

In the place of docker and kubectl stand scripts that tell what they are given; where they are here,
they are asked themselves, without an engine or a cluster.
"""

import base64
import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.delivery.formats import engine
from tests.transcript import environment

PAGE = (Path(__file__).parent.parent / "docs/ci.md").read_text()
TOKEN = "correct horse battery"
PROGRAMS = {
    "docker": 'while [ $# -gt 0 ]; do [ "$1" != -e ] || { printenv "$2"; shift; }; shift; done\n'
    'echo "TOKEN=${TOKEN:-} DEPLOY_TOKEN=${DEPLOY_TOKEN:-}"\n',
    "kubectl": 'echo "$*"; cat\n',
    "app": ":\n",
    "worker": 'echo "works with $DEPLOY_TOKEN"; env\n',
}
DEPLOY = '#!/bin/sh\necho "as $DEPLOY_USER with $DEPLOY_TOKEN"; env | grep KEY || :\n'


def blocks(language: str, section: str) -> Iterator[str]:
    """Yield the blocks in *language* of a section of the page."""
    text = PAGE.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    yield from re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


class Machine:
    """A machine with a repository, programs and an environment."""

    def __init__(self, folder: Path) -> None:
        self.repository = folder / "repository"
        self.environ = environment(folder)
        self.environ["PATH"] = f"{folder / 'bin'}:{self.environ['PATH']}"
        (self.repository / ".git").mkdir(parents=True)
        (folder / "bin").mkdir()
        scripts = {f"bin/{name}": f"#!/bin/sh\n{text}" for name, text in PROGRAMS.items()}
        for path, text in {**scripts, "repository/deploy.sh": DEPLOY}.items():
            (folder / path).write_text(text)
            (folder / path).chmod(0o755)

    def run(self, script: str, more: Mapping[str, str] = {}, *, fails: bool = False) -> str:
        """Return what a script writes to its standard output."""
        done = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", script],
            env={**self.environ, **more},
            cwd=self.repository,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode != 0) == fails, done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def owner(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """The machine on which the vault was made, its folder holding the repository."""
    machine = Machine(tmp_path_factory.mktemp("owner"))
    (made,) = blocks("bash", "A vault for CI")
    machine.environ["VAULT_KEY"] = machine.run(made).splitlines()[-1]
    (script,) = blocks("sh", "A vault for CI")
    name = script.splitlines()[1].split()[1]
    (machine.repository / name).write_text(script)
    machine.environ["SECRETCTL_VAULT"] = str(machine.repository.parent / "ci-vault")
    return machine


@pytest.fixture
def job(owner: Machine, tmp_path: Path) -> Machine:
    """A machine that has the repository alone."""
    machine = Machine(tmp_path / "job")
    shutil.copytree(owner.repository / "ci", machine.repository / "ci")
    return machine


def test_github_runs_the_job(owner: Machine, job: Machine, tmp_path: Path) -> None:
    """Every step but the first two; what it prints is masked, and nothing is left."""
    (text,) = blocks("yaml", "GitHub Actions")
    steps = yaml.safe_load(text)["jobs"]["deploy"]["steps"]
    wanted = [step for step in steps if "run" in step and step["name"] != "Install secretctl"]
    assert len(wanted) == len(steps) - 2
    variables, temporary = tmp_path / "env", tmp_path / "temp"
    variables.touch()
    temporary.mkdir()
    own = {"CI": "true", "GITHUB_ENV": str(variables), "RUNNER_TEMP": str(temporary)}
    hidden, said = list[str](), dict[str, str]()
    for step in wanted:
        secret = dict.fromkeys(step.get("env", {}), owner.environ["VAULT_KEY"])
        given = variables_of(variables.read_text())
        seen = job.run(step["run"], {**own, **given, **secret})
        hidden += re.findall("^::add-mask::(.*)$", seen, re.MULTILINE)
        for value in hidden:
            seen = seen.replace(value, "***")
        said[step["name"]] = seen
    assert said["Deploy"] == "as *** with ***\n" + said["Deploy"].partition("\n")[2]
    assert said["Check that nothing is missing"] == "2 sources: all there\n"
    assert said["Such a step"] == f"a token of {len(TOKEN)} letters, ***\n"
    assert TOKEN not in "".join(said.values())
    assert owner.environ["VAULT_KEY"] not in "".join(said.values())
    assert list(temporary.iterdir()) == []


def variables_of(text: str) -> dict[str, str]:
    """Return what a runner of GitHub reads from the file of GITHUB_ENV."""
    found = {}
    while text:
        line, _, text = text.partition("\n")
        name, equals, value = line.partition("=")
        if "<<" in name or not equals:
            name, _, delimiter = line.partition("<<")
            value, _, text = text.partition(f"\n{delimiter}\n")
        found[name] = value
    return found


def test_gitlab_runs_the_job(owner: Machine, job: Machine, tmp_path: Path) -> None:
    """The first script and the second share a shell; the key does not reach the program."""
    (text,) = blocks("yaml", "GitLab CI")
    steps = yaml.safe_load(text)["deploy"]
    lines = [line for line in steps["before_script"] if not line.startswith("pip ")]
    number = f"test-{tmp_path.parent.name}-{tmp_path.name}"
    given = {"CI": "true", "VAULT_KEY": owner.environ["VAULT_KEY"], "CI_JOB_ID": number}
    try:
        seen = job.run("\n".join([*lines, *steps["script"]]), given)
        assert seen.startswith("as *** with ***\n")
        assert owner.environ["VAULT_KEY"] not in seen
    finally:
        job.run("\n".join(steps["after_script"]), given)
    assert not Path(f"/tmp/secretctl-{number}").exists()


@pytest.mark.parametrize("key", ["", "0" * 64])
def test_a_job_ends_where_the_key_is_wrong(key: str, job: Machine, tmp_path: Path) -> None:
    """Nothing is deployed, and nothing said on standard output."""
    (text,) = blocks("yaml", "GitLab CI")
    steps = yaml.safe_load(text)["deploy"]
    lines = [line for line in steps["before_script"] if not line.startswith("pip ")]
    number = f"wrong-{tmp_path.parent.name}-{tmp_path.name}"
    given = {"CI": "true", "VAULT_KEY": key, "CI_JOB_ID": number}
    assert job.run("\n".join([*lines, *steps["script"]]), given, fails=True) == ""
    job.run("\n".join(steps["after_script"]), given)
    (text,) = blocks("yaml", "GitHub Actions")
    step = yaml.safe_load(text)["jobs"]["deploy"]["steps"][2]
    own = {"RUNNER_TEMP": str(tmp_path), "GITHUB_ENV": str(tmp_path / "env"), "VAULT_KEY": key}
    job.run(step["run"], own, fails=True)
    assert (tmp_path / "env").read_text() == ""


def test_a_user_reads_what_the_policy_allows(owner: Machine, job: Machine) -> None:
    """From a copy of the directory, with a credential and no key."""
    made, read = blocks("bash", "Users with less than the key")
    owner.run(made)
    shutil.copy(owner.repository / "ci/vault.tar.gz", job.repository / "ci")
    words = (owner.repository / "deploy.credential").read_text().split()
    names = ("SECRETCTL_ACCESS_KEY_ID", "SECRETCTL_SECRET_ACCESS_KEY")
    given = dict(zip(names, words, strict=True))
    assert f"as robot with {TOKEN}" in job.run(read, given)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not here")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    """Its own checker finds nothing to say of them."""
    for unit in blocks("ini", "systemd"):
        path = tmp_path / Path(unit.splitlines()[0][2:]).name
        path.write_text(unit)
        command = ["systemd-analyze", "verify", "--man=no", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert path.name not in done.stdout + done.stderr
        assert done.returncode == 0


def test_the_worker_of_systemd_gets_its_secret(
    owner: Machine, job: Machine, tmp_path: Path
) -> None:
    """What the unit runs, with what it sets, and no more; the passphrase does not reach it."""
    state, given = tmp_path / "state", tmp_path / "given"
    given.mkdir()
    (given / "vault-passphrase").write_text("five words for one vault")
    job.run(
        f'export $(sh ci/open-vault.sh "{state}"); mkdir "{state}/worker"\n'
        f'secretctl unlock-slot add --passphrase && mv "{state}/vault" "{state}/worker/vault"',
        {
            "VAULT_KEY": owner.environ["VAULT_KEY"],
            "SECRETCTL_NEW_PASSPHRASE_FILE": str(_private(given / "vault-passphrase")),
        },
    )
    _, unit = blocks("ini", "systemd")
    unit = unit.replace("%d", str(given)).replace("%S", str(state))
    words = re.findall("^Environment=(.*)$", unit, re.MULTILINE)
    environ = dict(pair.split("=", 1) for line in words for pair in shlex.split(line))
    (command,) = re.findall("^ExecStart=(.*)$", unit, re.MULTILINE)
    done = subprocess.run(
        shlex.split(command),
        env={"PATH": job.environ["PATH"], **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith(f"works with {TOKEN}\n"), done.stderr
    assert "PASSPHRASE" not in done.stdout


def _private(path: Path) -> Path:
    path.chmod(0o600)
    return path


def test_docker_is_given_names(owner: Machine) -> None:
    """The values come from its environment; compose is given what its file asks for."""
    run, compose = blocks("bash", "Docker and Compose")
    seen = owner.run(run).splitlines()
    assert seen[:2] == ["robot", TOKEN]
    assert f"TOKEN={TOKEN} " in seen[-1]
    (text,) = blocks("yaml", "Docker and Compose")
    ((name, asked),) = yaml.safe_load(text)["secrets"].items()
    assert yaml.safe_load(text)["services"]["app"]["secrets"] == [name]
    assert f"{asked['environment']}={TOKEN}" in owner.run(compose)


@pytest.mark.skipif(not shutil.which("docker"), reason="docker is not here")
def test_docker_itself_takes_the_names(
    owner: Machine, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """What it asks its engine for, which is ours, has the values of its environment."""
    command = next(blocks("bash", "Docker and Compose")).splitlines()[0]
    create = command.replace("docker run --rm", "docker create")
    assert create != command
    programs = {"PATH": owner.environ["PATH"].partition(":")[2]}
    made = engine.asked_for(
        tmp_path_factory.mktemp("d"),
        lambda host: owner.run(create, {"DOCKER_HOST": host, **programs}),
    )
    assert made == {"DEPLOY_USER": "robot", "DEPLOY_TOKEN": TOKEN}


@pytest.mark.skipif(not shutil.which("kubectl"), reason="kubectl is not here")
def test_kubectl_itself_reads_the_manifests(owner: Machine) -> None:
    """Both secrets, and the deployment."""
    export, inject = blocks("bash", "Kubernetes")
    given = [owner.run(each).partition("\n")[2] for each in (export, inject)]
    for manifest in (*given, *blocks("yaml", "Kubernetes")):
        words = ["kubectl", "annotate", "--local", "-f", "-", "a=b", "-o", "json"]
        done = subprocess.run(words, input=manifest.encode(), capture_output=True, check=True)
        read = json.loads(done.stdout)
        assert read["kind"] in ("Secret", "Deployment")


def test_kubectl_is_given_the_secrets(owner: Machine) -> None:
    """One that the deployment asks for by name, and one with a reference in a file."""
    export, inject = blocks("bash", "Kubernetes")
    made = applied(owner.run(export))
    assert base64.b64decode(made["data"]["DEPLOY_TOKEN"]).decode() == TOKEN
    (text,) = blocks("yaml", "Kubernetes")
    (container,) = yaml.safe_load(text)["spec"]["template"]["spec"]["containers"]
    assert container["envFrom"][0]["secretRef"]["name"] == made["metadata"]["name"]
    assert applied(owner.run(inject))["stringData"]["token"] == TOKEN


def applied(seen: str) -> dict[str, Any]:
    """Return the object that kubectl was given."""
    words, _, manifest = seen.partition("\n")
    assert words == "apply -f -"
    made: dict[str, Any] = yaml.safe_load(manifest)
    return made
