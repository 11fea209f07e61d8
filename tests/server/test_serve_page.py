"""docs/serve.md does what it says: its programs are run against an endpoint, its units checked."""

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from botocore.credentials import Credentials

from secretctl.cli.complete import OPTIONS
from secretctl.server import connections, denials, framing
from tests.conftest import World
from tests.faults.commands import ROOT, ended
from tests.server.clients import REGION, Home
from tests.server.golang import needs_go, ran
from tests.server.programs import said
from tests.server.served import create, serving

PAGE = (ROOT / "docs/serve.md").read_text()
MODULES = ROOT / ".venv/node_modules"
HAS_SDK = shutil.which("node") and (MODULES / "@aws-sdk/client-secrets-manager").is_dir()
VALUE = '{"user":"app"}'
TOKEN = "token of the agent"


GO = """package main

import (
	"context"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

func read(ctx context.Context) error {
	%s
	return nil
}

func main() {
	if err := read(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
"""


def block(language: str, section: str) -> str:
    """Return the first block in *language* of a section of the page."""
    text = PAGE.partition(f"# {section}\n")[2].partition("\n## ")[0]
    found = re.search(rf"```{language}\n(.*?)```", text, re.DOTALL)
    assert found is not None, section
    return found[1]


@pytest.fixture(scope="module")
def program(home: Home, root: Credentials) -> dict[str, str]:
    """What the page exports for a program, and no other variable."""
    home.client(root).create_secret(Name="prod/db", SecretString=VALUE)
    text = PAGE.partition("## The first request\n")[2].partition("\n### ")[0]
    names = re.findall(r"(AWS_[A-Z_]+)=", text)
    assert "AWS_SECRET_ACCESS_KEY" in names
    environ = home.environ(root)
    return {name: environ[name] for name in names} | {"AWS_CONFIG_FILE": os.devnull}


def test_python_reads_the_secret(program: dict[str, str], tmp_path: Path) -> None:
    """As the page has it."""
    assert said([sys.executable, "-c", block("python", "boto3")], program, tmp_path) == f"{VALUE}\n"


@pytest.mark.skipif(not HAS_SDK, reason="the AWS SDK for JavaScript is not installed")
def test_node_reads_the_secret(program: dict[str, str], tmp_path: Path) -> None:
    """Likewise."""
    (tmp_path / "node_modules").symlink_to(MODULES)
    (tmp_path / "app.mjs").write_text(block("js", "Node") + "console.log(SecretString);\n")
    assert said(["node", "app.mjs"], program, tmp_path) == f"{VALUE}\n"


@needs_go
def test_go_reads_the_secret(program: dict[str, str], tmp_path: Path) -> None:
    """By the variable, or where the SDK does not know it, by what the page has for that."""
    assert ran(GO % block("go", "Go"), program, tmp_path) == f"{VALUE}\n"


def test_the_user_of_the_page_reads_what_the_page_says(world: World) -> None:
    """The commands that make it are those of the page."""
    text = PAGE.partition("## The first request\n")[2].partition("Then:")[0]
    script = "".join(line[4:] + "\n" for line in text.splitlines() if line.startswith("    "))
    program = "import sys; from secretctl.start import run; sys.argv[0] = 'secretctl'; run()"
    shell = f'secretctl() {{ \'{sys.executable}\' -c "{program}" "$@"; }}\nset -e\n{script}'
    environ = {"HOME": str(world.home), "PYTHONPATH": str(ROOT)}
    create_first = ended(world, "create-secret", "--name", "prod/db", "--secret-string", VALUE)
    assert create_first.status == 0
    out = said(["bash", "-c", shell], environ, world.home)
    assert '"SecretAccessKey":' in out


def test_the_token_of_the_page_is_one_that_serve_takes(world: World, tmp_path: Path) -> None:
    """Made by its line, whatever the shell's umask, it is closed to others."""
    text = PAGE.partition("# A Lambda function on your machine\n")[2]
    line = next(each.strip() for each in text.splitlines() if each.startswith("    "))
    said(["sh", "-c", f"umask 022; {line}"], {}, tmp_path)
    file = tmp_path / "token"
    assert file.stat().st_mode & 0o777 == 0o600
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        done = ended(world, "serve", "--agent-token-file", str(file), "--listen", listen)
    assert "Address already in use" in done.stderr  # looked at after the token


def test_a_function_reads_as_from_the_extension(world: World, tmp_path: Path) -> None:
    """By the token, from the port that it is told."""
    (tmp_path / "app.py").write_text(block("python", "A Lambda function on your machine"))
    with serving(world, token=TOKEN.encode()) as served:
        create(served.world, "prod/db", VALUE)
        environ = {
            "PARAMETERS_SECRETS_EXTENSION_HTTP_PORT": str(served.port),
            "AWS_SESSION_TOKEN": TOKEN,
        }
        call = "import app; print(app.handler({}, None))"
        assert said([sys.executable, "-c", call], environ, tmp_path) == f"{VALUE}\n"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not here")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    """Its own checker finds nothing to say of it."""
    path = tmp_path / "secretctl.service"
    path.write_text(block("ini", "Kept running: systemd"))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert path.name not in done.stdout + done.stderr
    assert done.returncode == 0


def test_compose_gives_the_program_the_loopback_interface_of_the_server() -> None:
    """And the address there; the server listens where it does by itself."""
    services = yaml.safe_load(block("yaml", "In containers: Docker Compose"))["services"]
    assert services["vault"]["command"] == "secretctl serve"
    assert services["app"]["network_mode"] == "service:vault"
    assert services["app"]["environment"]["AWS_ENDPOINT_URL_SECRETS_MANAGER"].endswith(":2773")
    regions = ("AWS_REGION", "AWS_DEFAULT_REGION")  # boto3 reads the second alone
    assert all(services["app"]["environment"][each] == REGION for each in regions)


def test_every_option_is_on_the_page() -> None:
    """None is left to be found out."""
    usual = {"--vault", "--profile", "--region"}
    assert {each for each in OPTIONS["serve"] if each not in PAGE} - usual == set()


def test_limits_are_those_of_the_program() -> None:
    """The table's numbers."""
    limits = connections.Limits()
    rows = dict(re.findall(r"^\| ([A-Z][^|]*?) \| ([^|]*?) \| [^|]* \|$", PAGE, re.MULTILINE))
    assert rows["Requests that wait for the vault"] == str(limits.waiting)
    assert rows["Connections"].startswith(str(limits.connections))
    assert rows["A request, from its first byte to its last"] == f"{limits.request_s:.0f} s"
    assert rows["An answer that its client does not read"] == f"{limits.reading_s:.0f} s"
    assert rows["Between two requests of a connection"] == f"{limits.idle_s} s"
    sizes = framing.MOST_HEAD_BYTES, framing.MOST_HEADERS, framing.MOST_BODY_BYTES
    told = f"{sizes[0] // 1024} KiB; {sizes[1]}; {sizes[2] // 1024} KiB"
    assert rows["Head; number of headers; body"] == told
    denied = f"{denials.AT_ONCE} at once, {denials.A_SECOND} a second"
    assert rows["Requests that a caller's policies deny"] == denied
