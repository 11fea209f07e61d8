"""docs/migrating.md moves what it says; in the place of other tools stand scripts."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from secretctl.cli.complete import COMMANDS
from tests.transcript import environment

PAGE = (Path(__file__).parent.parent / "docs/migrating.md").read_text()
PASSWORD = 'it\'s "p" $w \\ \u00fc'
CHAMBER = {"db_user": "app", "db-password": PASSWORD}
SOPS = {"password": PASSWORD, "port": 5432, "hosts": ["a", "b"]}
AWS = {"prod/db": '{"password": "x"}', "plain": f"{PASSWORD}\n"}
PROGRAMS = {
    "chamber": '[ "$*" = "export app --format json" ] && cat chamber.json',
    "sops": 'case "$*" in "--decrypt --output-type json /"*/secrets.yaml) cat sops.json ;; esac',
    "gpg": 'for last; do :; done; cat "$last"',
    "aws": 'case "$*" in *list-*) cat names ;; *) cat "answer-$(echo "$4" | tr / _)" ;; esac',
}


def script(tool: str) -> str:
    """Return the commands that move, the first of a section."""
    section = "\n" + PAGE.partition(f"\n## {tool}\n")[2]
    found = re.search(r"\n\n((?:    .*\n)+)", section)
    assert found
    return re.sub("^    ", "", found[1], flags=re.MULTILINE)


def listed(beginning: str) -> str:
    """Return the commands under a point of a list, by how they begin."""
    found = re.search(rf"\n\n( {{6}}{re.escape(beginning)}(?:.*\n {{6}})*.*\n)", PAGE)
    assert found
    return re.sub("^ {6}", "", found[1], flags=re.MULTILINE)


class Home:
    """A home with files and programs in which commands are run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environ = environment(folder)
        self.environ["PATH"] = f"{folder / 'bin'}:{self.environ['PATH']}"
        self.environ["PASSWORD_STORE_DIR"] = str(folder / "store")
        (folder / "bin").mkdir()
        for name, text in PROGRAMS.items():
            program = folder / "bin" / name
            program.write_text(f"#!/bin/sh\n{text}\n")
            program.chmod(0o755)

    def run(self, command: str, status: int = 0) -> str:
        """Return what a command writes to its standard output."""
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", command],
            env=self.environ,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, done.stderr
        return done.stdout


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with an empty vault."""
    made = Home(tmp_path)
    made.run("secretctl init")
    return made


@pytest.mark.skipif(not shutil.which("jq"), reason="jq is not here")
def test_chamber_moves(home: Home) -> None:
    """Names of variables are those that its own exec would give."""
    (home.folder / "chamber.json").write_text(json.dumps(CHAMBER))
    home.run(script("chamber"))
    assert home.run("secretctl exec prod/app -- printenv DB_USER") == "app\n"
    assert home.run("secretctl get prod/app#DB_PASSWORD") == PASSWORD


def test_one_key_is_taken_out(home: Home) -> None:
    """The others stay."""
    command = "secretctl unset prod/app#DB_PASSWORD"
    assert f"`{command}`" in PAGE
    home.run('printf %s \'{"A":"1","DB_PASSWORD":"2"}\' > app.json')
    home.run("secretctl create-secret --name prod/app --secret-string file://app.json")
    home.run(command)
    assert json.loads(home.run("secretctl get prod/app")) == {"A": "1"}


def test_passwords_are_stored_without_a_line_end(home: Home) -> None:
    """One that is made, of letters and digits."""
    home.run(listed("secretctl get-random-password"))
    assert re.fullmatch("[A-Za-z0-9]{20}", home.run("secretctl get pass/mail/work"))


def test_sops_moves(home: Home) -> None:
    """Numbers and lists as they are written in JSON; what is printed as YAML is the same again."""
    (home.folder / "sops.json").write_text(json.dumps(SOPS))
    home.run(script("sops"))
    assert home.run("secretctl get prod/app#password") == PASSWORD
    assert home.run("secretctl get prod/app#port") == "5432"
    assert json.loads(home.run("secretctl get prod/app#hosts")) == SOPS["hosts"]


def test_dotenv_moves(home: Home) -> None:
    """And what stays behind is a file of references."""
    (home.folder / ".env").write_text("export A='x $y'\nDB_PASSWORD=secret # comment\n")
    home.run(script("dotenv"))
    assert home.run("secretctl get dev/app#A") == "x $y"
    section = PAGE.partition("Where a file has to stay")[2]
    kept = re.findall("^    (.*=.*)$", section, re.MULTILINE)[:2]
    (home.folder / ".env").write_text("\n".join(kept))
    command = re.findall("`(secretctl exec --env-file .*) CMD`", section)[0]
    assert home.run(f"{command} sh -c 'echo $DB_USER $DB_PASSWORD'") == "app secret\n"


def test_pass_moves(home: Home) -> None:
    """Folders become parts of names; the line end of a single line stays behind."""
    (home.folder / "store/mail").mkdir(parents=True)
    (home.folder / "store/mail/work.gpg").write_text(f"{PASSWORD}\nuser: me\n")
    (home.folder / "store/.gpg-id").write_text("me@example.com\n")
    (home.folder / "store/top.gpg").write_text("x\n")
    (home.folder / "store/not for us.gpg").write_text("x\n")
    home.run(script("pass"), status=252)
    (home.folder / "store/not for us.gpg").unlink()
    assert home.run(script("pass")) == "2 created\n"
    assert home.run("secretctl get pass/mail/work") == f"{PASSWORD}\nuser: me\n"
    assert home.run("secretctl get pass/top") == "x"


def test_secrets_of_aws_move(home: Home) -> None:
    """Each under its name, to the byte; a second time nothing changes."""
    (home.folder / "names").write_text("".join(f"{name}\n" for name in AWS))
    for name, value in AWS.items():
        answer = {"Name": name, "SecretString": value, "VersionStages": ["AWSCURRENT"]}
        (home.folder / f"answer-{name.replace('/', '_')}").write_text(json.dumps(answer))
    command = script("AWS Secrets Manager")
    for _ in range(2):
        home.run(command)
        for name, value in AWS.items():
            assert home.run(f"secretctl get {name}") == value
    assert home.run("secretctl list-secret-version-ids --secret-id plain").count('VersionId"') == 1


def test_commands_of_the_tables_are_ones() -> None:
    """What takes the place of another tool's command is one of this program's."""
    rows = re.findall(r"^\| .* \| (`secretctl .*) \|$", PAGE, re.MULTILINE)
    commands = [words.split() for row in rows for words in re.findall("`secretctl (.*?)`", row)]
    assert len(commands) > 20
    for first, *_ in commands:
        assert first in COMMANDS or first == "COMMAND"
