"""``rotation install-timer``: what is written where, what is refused, and that it runs."""

import json
import os
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretctl.cli import timer_text
from secretctl.cli.timer_text import Job
from tests.cli.machine import WORDS, Machine
from tests.conftest import World
from tests.faults.commands import ROOT, Ended

SYSTEMCTL = '#!/bin/sh\necho "$*" >> "{log}"\n'
CRONTAB = """#!/bin/sh
if [ "$1" = -l ]; then
    [ -f "{log}" ] || { echo "no crontab for you" >&2; exit 1; }
    exec cat "{log}"
fi
exec cat > "{log}"
"""
OF_ANOTHER_HOME = {"HOME": "/nowhere"}
"""What runs a timer takes its home from the list of users, whatever HOME was."""

OTHERS = "# mine\n17 * * * * true\n"
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=30)
LINES = st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n"), min_size=1, max_size=30)


class Timed:
    """A home, and stand-ins for the programs that a timer is given to."""

    def __init__(self, machine: Machine, folder: Path) -> None:
        self.machine = machine
        self.folder = folder
        (folder / "bin").mkdir()
        self.log = folder / "log"

    def has(self, name: str, text: str) -> None:
        """Put a stand-in where programs are looked for first."""
        path = self.folder / "bin" / name
        path.write_text(text.replace("{log}", str(self.log)))
        path.chmod(0o755)

    def __call__(self, *words: str, **more: str) -> Ended:
        """Run the command; only the stand-ins and what they need are found."""
        path = f"{self.folder / 'bin'}:{os.path.dirname(shutil.which('cat') or '/bin/cat')}"
        shadowed = path if more.pop("has_all", "") else str(self.folder / "bin")
        return self.machine("rotation", "install-timer", *words, PATH=shadowed, **more)

    @property
    def units(self) -> list[Path]:
        """The units that were written."""
        return sorted(Path(self.machine.world.home, ".config/systemd/user").glob("*"))

    @property
    def logged(self) -> str:
        """What the stand-in was told."""
        return self.log.read_text()


@pytest.fixture
def timed(world: World, tmp_path: Path) -> Timed:
    """A home with a vault and a secret that is due."""
    machine = Machine(world)
    machine("create-secret", "--name", "a", "--secret-string", "v")
    words = ("--rotation-lambda-arn", "builtin/password", "--no-wait")
    assert machine("rotate-secret", "--secret-id", "a", *words).status == 0
    return Timed(machine, tmp_path)


def run(words: list[str], environ: dict[str, str]) -> dict[str, object]:
    """Run a command as a timer would, from another folder; return the line that it writes."""
    done = subprocess.run(
        words, env={"PYTHONPATH": str(ROOT), **environ}, cwd="/", capture_output=True, check=True
    )
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_systemd_is_given_two_units_that_rotate(timed: Timed) -> None:
    """Written for their owner alone, and started; the command of the service does its work."""
    timed.has("systemctl", SYSTEMCTL)
    done = timed()
    service, timer = timed.units
    assert (done.status, done.stdout) == (0, f"installed: {timer.name}\n")
    assert [each.stat().st_mode & 0o777 for each in (service, timer)] == [0o600] * 2
    assert timed.logged.splitlines()[-2:] == [
        "--user daemon-reload",
        f"--user enable --now {timer.name}",
    ]
    lines = [line.partition("=") for line in service.read_text().splitlines()]
    (command,) = [shlex.split(text) for key, _, text in lines if key == "ExecStart"]
    given = [word for key, _, text in lines if key == "Environment" for word in unquoted(text)]
    environ = dict(word.split("=", 1) for word in given)
    assert run(command, OF_ANOTHER_HOME | environ)["Result"] == "rotated"
    assert timed().status == 0
    assert timed.units == [service, timer]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
def test_systemd_takes_the_units(timed: Timed, tmp_path: Path) -> None:
    """Also with what has a meaning to it in paths; it says nothing of them."""
    timed.has("systemctl", SYSTEMCTL)
    odd = tmp_path / 'a "b" $c %d \\e'
    shutil.copytree(timed.machine.world.directory, odd)
    assert timed("--vault", str(odd), SECRETCTL_PASSPHRASE_COMMAND="echo 'a b' %d $x").status == 0
    done = subprocess.run(
        ["systemd-analyze", "verify", *map(str, timed.units)], capture_output=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_a_timer_is_removed_again(timed: Timed) -> None:
    """Stopped first; a second time there is none."""
    timed.has("systemctl", SYSTEMCTL)
    timed()
    timer = timed.units[1].name
    assert timed("--remove").stdout == f"removed: {timer}\n"
    assert timed.units == []
    assert timed.logged.splitlines()[-2:] == [
        f"--user disable --now {timer}",
        "--user daemon-reload",
    ]
    done = timed("--remove")
    assert done.status == 252
    assert "no timer is installed for this region and vault" in done.stderr


def test_what_a_kill_left_is_removed(timed: Timed) -> None:
    """A service without its timer: systemd, which knows of none, is not told to stop it."""
    timed.has("systemctl", SYSTEMCTL)
    timed()
    timed.units[1].unlink()
    assert timed("--remove").status == 0
    assert timed.units == []
    assert "disable" not in timed.logged


@pytest.mark.parametrize("kind", ["file", "link", "folder"])
def test_what_somebody_else_put_there_stays(timed: Timed, kind: str, tmp_path: Path) -> None:
    """Neither written over nor removed, whichever of the two it is."""
    timed.has("systemctl", SYSTEMCTL)
    timed()
    for unit in timed.units:
        unit.unlink()
        if kind == "file":
            unit.write_text("[Unit]\n")
        elif kind == "folder":
            unit.mkdir()
        else:
            (tmp_path / "theirs").write_text(timer_text.MARK)
            unit.symlink_to(tmp_path / "theirs")
        for words in ((), ("--remove",), ("--dry-run",)):
            done = timed(*words)
            assert (done.status, done.stdout) == (253, "")
            assert f"something else lies at '{unit}'" in done.stderr
        unit.rmdir() if kind == "folder" else unit.unlink()
        timed()


def test_a_dry_run_shows_and_changes_nothing(timed: Timed) -> None:
    """Both units with their places, and what systemd would be told."""
    timed.has("systemctl", SYSTEMCTL)
    shown = timed("--dry-run").stdout
    assert timed.units == []
    assert "ExecStart=" in shown
    assert "OnCalendar=*:0/5" in shown
    assert "systemctl --user enable --now secretctl-rotation-us-east-1-" in shown
    assert "enable" not in timed.logged
    timed()
    removal = timed("--dry-run", "--remove").stdout
    assert [line.split()[0] for line in removal.splitlines()] == ["remove", "remove", "systemctl"]
    assert len(timed.units) == 2


def test_a_crontab_gets_one_line_that_rotates(timed: Timed) -> None:
    """Other lines stay; a second time it is the same; and it goes again."""
    timed.has("crontab", CRONTAB)
    assert timed(has_all="y").status == 0
    assert timed("--remove", has_all="y").status == 0
    assert timed.logged == ""
    timed.log.write_text(OTHERS)
    timed(has_all="y")
    assert timed("--cron", has_all="y").stdout.startswith("in your crontab: secretctl-rotation-us")
    assert timed.logged.startswith(OTHERS)
    (line,) = timed.logged.removeprefix(OTHERS).splitlines()
    *when, command = line.split(maxsplit=5)
    assert when == ["*/5", "*", "*", "*", "*"]
    environ = {**OF_ANOTHER_HOME, "PATH": os.environ["PATH"]}
    assert run(["sh", "-c", command], environ)["Result"] == "rotated"
    elsewhere = timed("--region", "eu-north-1", has_all="y")
    assert elsewhere.status == 0
    assert len(timed.logged.splitlines()) == 4
    timed("--region", "eu-north-1", "--remove", has_all="y")
    timed("--remove", has_all="y")
    assert timed.logged == OTHERS
    assert timed("--remove", has_all="y").status == 252


def test_where_there_is_neither_the_line_is_shown(timed: Timed) -> None:
    """On standard output, and that nothing was installed beside it."""
    done = timed()
    assert done.status == 0
    assert done.stdout.startswith("*/5 * * * * env ")
    assert "neither systemctl --user nor crontab" in done.stderr


def test_systemd_that_does_not_look_after_the_user_is_not_asked(timed: Timed) -> None:
    """As in a container: the crontab is next."""
    timed.has("systemctl", "#!/bin/sh\nexit 1\n")
    timed.has("crontab", CRONTAB)
    assert "in your crontab" in timed(has_all="y").stdout
    assert timed.units == []


def test_what_is_refused_by_systemd_is_said(timed: Timed) -> None:
    """In its words."""
    timed.has("systemctl", '#!/bin/sh\n[ "$2" = show ] || { echo "Failed: no bus" >&2; exit 1; }\n')
    done = timed()
    assert done.status == 253
    assert "systemctl refused to daemon-reload: Failed: no bus" in done.stderr


def test_a_vault_that_asks_is_refused(timed: Timed, tmp_path: Path) -> None:
    """A passphrase must come from a file or a command; the words themselves are written nowhere."""
    timed.has("systemctl", SYSTEMCTL)
    timed.machine.add_passphrase(WORDS)
    timed.machine.key_file.rename(tmp_path / "away.key")
    for more in ({}, {"SECRETCTL_PASSPHRASE": WORDS}):
        done = timed(**more)
        assert done.status == 253
        assert "opened by a passphrase, and a timer has nobody to ask" in done.stderr
        assert "SECRETCTL_PASSPHRASE_COMMAND" in done.stderr
    assert timed.units == []
    (tmp_path / "words").write_text(WORDS)
    (tmp_path / "words").chmod(0o600)
    assert timed(SECRETCTL_PASSPHRASE_FILE=str(tmp_path / "words")).status == 0
    text = timed.units[0].read_text()
    assert f'Environment="SECRETCTL_PASSPHRASE_FILE={tmp_path / "words"}"' in text
    assert WORDS not in text


def test_an_access_key_of_the_environment_is_not_written_down(timed: Timed) -> None:
    """It is a secret; that of a profile is named by the profile."""
    timed.has("systemctl", SYSTEMCTL)
    timed.machine("iam", "create-user", "--user-name", "ci")
    made = timed.machine("iam", "create-access-key", "--user-name", "ci").stdout
    key = json.loads(made)["AccessKey"]
    given = {
        "SECRETCTL_ACCESS_KEY_ID": key["AccessKeyId"],
        "SECRETCTL_SECRET_ACCESS_KEY": key["SecretAccessKey"],
    }
    done = timed(**given)
    assert done.status == 253
    assert "an access key from the environment, which is not written down" in done.stderr
    assert timed.units == []
    for name, text in (("id", key["AccessKeyId"]), ("secret", key["SecretAccessKey"])):
        words = {"id": "aws_access_key_id", "secret": "aws_secret_access_key"}
        timed.machine("configure", "set", words[name], text, "--profile", "ci")
    assert timed("--profile", "ci").status == 0
    text = timed.units[0].read_text()
    assert '"--profile" "ci"' in text
    assert key["SecretAccessKey"] not in text


def unquoted(line: str) -> list[str]:
    """Read quoted words as systemd.syntax(7) and systemd.unit(5) say; written apart from ours."""
    found, at = [], 0
    while at < len(line):
        assert line[at] == '"'
        word, at = "", at + 1
        while line[at] != '"':
            pair = line[at : at + 2]
            if pair == "\\x":
                word, at = word + chr(int(line[at + 2 : at + 4], 16)), at + 4
            elif pair[0] == "\\" or pair == "%%":
                word, at = word + pair[1], at + 2
            else:
                assert pair[0] != "%"
                word, at = word + pair[0], at + 1
        found.append(word)
        at += 2
    return found


@given(st.lists(TEXTS, min_size=1, max_size=4), TEXTS)
def test_systemd_reads_words_as_they_are(words: list[str], text: str) -> None:
    """Whatever stands in them: quotes, specifiers, variables, ends of lines."""
    lines = timer_text.service(Job("n", "r", words, {"A": text})).split("\n")
    (command,) = [each for each in lines if each.startswith("ExecStart=")]
    (environment,) = [each for each in lines if each.startswith("Environment=")]
    read = unquoted(command.partition("=")[2])
    assert [each.replace("$$", "$") for each in read] == words
    assert unquoted(environment.partition("=")[2]) == [f"A={text}"]


@given(st.lists(LINES, min_size=1, max_size=3), LINES)
def test_a_shell_reads_the_words_of_a_crontab_as_they_are(words: list[str], text: str) -> None:
    """Once cron has taken the backslashes before percent signs."""
    line = timer_text.cron_line(Job("n", "r", words, {"A": text}))
    command = line.split(" ", 5)[5].replace(r"\%", "%")
    assert shlex.split(command, comments=True) == ["env", f"A={text}", *words]
    assert timer_text.without(f"{OTHERS}{line}\n", "n") == OTHERS
