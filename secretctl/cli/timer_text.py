"""What has ``rotation run-due`` run again and again: units of systemd, or a line of a crontab.

See: systemd.service(5), systemd.syntax(7), systemd.timer(5), crontab(5)
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from secretctl.errors import ConfigError
from secretctl.record import NamedTuple

MARK = "# made by: secretctl rotation install-timer"
"""The first line of what is ours, and may be replaced or removed."""

MINUTES = 5
_UNIT = """{mark}
[Unit]
Description=Rotate the secrets of {region} that are due

[Service]
Type=oneshot
{environment}ExecStart={command}
"""
_TIMER = """{mark}
[Unit]
Description=Look for secrets of {region} whose rotation is due

[Timer]
OnCalendar=*:0/{minutes}
RandomizedDelaySec=60
Persistent=true

[Install]
WantedBy=timers.target
"""


class Job(NamedTuple):
    """What is to be run, in which environment. Its ``repr`` is that of paths and names."""

    name: str
    """Of the units, and of the line in a crontab."""

    region: str
    words: Sequence[str]
    environ: Mapping[str, str]


def service(job: Job) -> str:
    """Return the service that looks once."""
    lines = [f"Environment={_quoted(f'{name}={text}')}\n" for name, text in job.environ.items()]
    command = " ".join(_quoted(word).replace("$", "$$") for word in job.words)
    return _UNIT.format(mark=MARK, region=job.region, environment="".join(lines), command=command)


def timer(job: Job) -> str:
    """Return the timer that starts the service every few minutes."""
    return _TIMER.format(mark=MARK, region=job.region, minutes=MINUTES)


def cron_line(job: Job) -> str:
    """Return the line of a crontab, without its end.

    Raises:
        ConfigError: A path holds what no such line can.
    """
    given = [f"{name}={text}" for name, text in job.environ.items()]
    command = shlex.join(["env", *given, *job.words])
    if "\n" in command or "\r" in command:
        raise ConfigError("a line of a crontab cannot hold the end of a line, and a path does")
    escaped = command.replace("%", r"\%")
    return f"*/{MINUTES} * * * * {escaped} {_end(job.name)}"


def without(crontab: str, name: str) -> str:
    """Return a crontab without the line that `cron_line` made for that name."""
    return "\n".join(line for line in crontab.split("\n") if not line.endswith(_end(name)))


def _end(name: str) -> str:
    return f"# {name}"


def _quoted(word: str) -> str:
    """Write a word so that systemd reads it as it is."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    shown = [f"\\x{ord(each):02x}" if _steers(each) else each for each in escaped]
    return f'"{"".join(shown)}"'


def _steers(letter: str) -> bool:
    return letter < " " or letter == "\x7f"
