"""``rotation install-timer``: has what is due rotated by itself, where no server does it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from hashlib import sha256
from typing import Annotated

import typer

from secretctl.cli import config, outfile, places, timer_text
from secretctl.cli.api import open_session
from secretctl.cli.credentials import IN_ENVIRONMENT
from secretctl.cli.people import Choose, ProfileOption, RegionOption, VaultOption
from secretctl.cli.terminal import safe
from secretctl.cli.timer_text import Job
from secretctl.context import Context, tell, tell_person
from secretctl.errors import ConfigError, NothingGivenError, UsageError
from secretctl.store import directories

_WAIT_S = 30
_FILES = ("SECRETCTL_KEY_FILE", "SECRETCTL_PASSPHRASE_FILE", "PGSSLROOTCERT", "SSL_CERT_FILE")
_CARRIED = (
    *("PATH", "HOME", "SECRETCTL_CONFIG", "SECRETCTL_PASSPHRASE_COMMAND", *_FILES),
    *("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"),
)
"""Variables that a timer's command is given as they are now; none of them is a secret."""

_LINGER = "secretctl: note: it runs while you are logged in; always: loginctl enable-linger\n"
_NO_PLACE = (
    "secretctl: note: there is neither systemctl --user nor crontab here: give the line to what "
    "runs commands by the clock\n"
)


def register(group: typer.Typer, context: Context, choose: Choose) -> None:
    """Add the command to *group*."""

    @group.command("install-timer")
    def install_timer(  # noqa: PLR0913 Typer reads the options here
        remove: Annotated[bool, typer.Option("--remove", help="Take it away again.")] = False,
        cron: Annotated[
            bool, typer.Option("--cron", help="A line of your crontab, also where systemd is.")
        ] = False,
        dry_run: Annotated[
            bool, typer.Option("--dry-run", help="Only show what would be written.")
        ] = False,
        region: RegionOption = "",  # noqa: ARG001 in the help; it is read before Typer reads
        vault: VaultOption = "",
        profile: ProfileOption = "",
    ) -> None:
        """Have rotation run-due run every five minutes, for the region and the vault.

        By a timer of systemd for your user, else by your crontab. The vault must
        be opened without asking anybody.
        """
        chosen = choose(vault, profile)
        job = _job(chosen, context)
        if not remove:
            _check_opens(chosen, job, context)
        if not cron and _has_systemd(context):
            _by_systemd(job, chosen, context, remove=remove, dry_run=dry_run)
        else:
            _by_cron(job, context, remove=remove, dry_run=dry_run)


def _job(chosen: config.Settings, context: Context) -> Job:
    words = [sys.executable, "-P", "-m", "secretctl", "rotation", "run-due"]
    words += ["--region", chosen.region, "--vault", chosen.vault]
    words += [] if chosen.profile is None else ["--profile", chosen.profile]
    given = {name: context.environ.get(name, "") for name in _CARRIED}
    environ = {
        name: os.path.abspath(text) if name in _FILES else text
        for name, text in given.items()
        if text
    }
    place = sha256(os.fsencode(chosen.vault)).hexdigest()[:8]
    return Job(f"secretctl-rotation-{chosen.region}-{place}", chosen.region, words, environ)


def _check_opens(chosen: config.Settings, job: Job, context: Context) -> None:
    """See that the vault is opened by what the command will be given, which is nobody's answer.

    Raises:
        ConfigError: It needs what cannot be written down, or somebody who is asked.
        SecretctlError: It cannot be opened at all.
    """
    given = chosen.credential
    if given is not None and given.key_id == context.environ.get(IN_ENVIRONMENT[0]):
        raise ConfigError(
            "the vault is opened by an access key from the environment, which is not written down",
            "put it into a profile: secretctl configure set aws_access_key_id ID --profile NAME",
            "secretctl rotation install-timer --profile NAME",
        )
    alone = context._replace(environ=job.environ, interactive=False, descriptors=frozenset())
    try:
        open_session(chosen, alone, "rotation.install-timer").close()
    except NothingGivenError:
        raise ConfigError(
            "the vault is opened by a passphrase, and a timer has nobody to ask",
            "set SECRETCTL_PASSPHRASE_COMMAND or SECRETCTL_PASSPHRASE_FILE, and type it again",
            "secretctl unlock-slot add --key-file FILE",
        ) from None


def _has_systemd(context: Context) -> bool:
    """Tell whether systemd looks after this user."""
    if shutil.which("systemctl", path=context.environ.get("PATH")) is None:
        return False
    return _ran(["systemctl", "--user", "show", "--property=Version"], context.environ)[0] == 0


def _by_systemd(
    job: Job, chosen: config.Settings, context: Context, *, remove: bool, dry_run: bool
) -> None:
    folder = os.path.join(os.path.dirname(places.config_dir(context.environ)), "systemd", "user")
    timer = f"{job.name}.timer"
    units = {f"{job.name}.service": timer_text.service(job), timer: timer_text.timer(job)}
    paths = {os.path.join(folder, name): text for name, text in units.items()}
    there = [path for path in paths if _is_ours(path)]
    switch = ["disable", "--now", timer] if remove else ["enable", "--now", timer]
    if dry_run:
        _show(context, *([f"remove {path}" for path in there] if remove else _shown(paths)))
        _show(context, f"systemctl --user {' '.join(switch)}")
        return
    if remove and not there:
        raise _nothing("--cron looks into your crontab")
    if remove:
        if os.path.join(folder, timer) in there:
            _systemctl(switch, context)
        for path in there:
            os.unlink(path)
    else:
        directories.make(folder)
        for path, text in paths.items():
            outfile.write(path, [os.fsencode(text)], places.ours(chosen.vault, context.environ))
    _systemctl(["daemon-reload"], context)
    if not remove:
        _systemctl(switch, context)
        tell_person(context, _LINGER)
    _show(context, f"{'removed' if remove else 'installed'}: {timer}")


def _by_cron(job: Job, context: Context, *, remove: bool, dry_run: bool) -> None:
    line = timer_text.cron_line(job)
    if shutil.which("crontab", path=context.environ.get("PATH")) is None:
        if not remove:
            _show(context, line)
        tell(context, _NO_PLACE)
        return
    before = _crontab(context)
    kept = timer_text.without(before, job.name)
    if kept and not kept.endswith("\n"):
        kept += "\n"
    after = kept if remove else f"{kept}{line}\n"
    if dry_run:
        _show(context, f"crontab: {'without' if remove else 'with'} the line", line)
        return
    if remove and kept == before:
        raise _nothing()
    if after != before:
        status, _, err = _ran(["crontab", "-"], context.environ, after)
        if status:
            raise ConfigError(f"crontab refused the line: {_first(err)}")
    _show(context, f"{'removed from' if remove else 'in'} your crontab: {job.name}")


def _nothing(*hints: str) -> UsageError:
    return UsageError("no timer is installed for this region and vault", *hints)


def _crontab(context: Context) -> str:
    status, out, err = _ran(["crontab", "-l"], context.environ)
    if status and "no crontab" not in err:
        raise ConfigError(f"your crontab cannot be read: {_first(err)}")
    return "" if status else out


def _systemctl(words: list[str], context: Context) -> None:
    status, _, err = _ran(["systemctl", "--user", *words], context.environ)
    if status:
        raise ConfigError(f"systemctl refused to {words[0]}: {_first(err)}")


def _is_ours(path: str) -> bool:
    """Tell whether a unit of ours is there; raises ConfigError where somebody else's is."""
    if not os.path.lexists(path):
        return False
    if os.path.isfile(path) and not os.path.islink(path):
        with open(path, errors="surrogateescape") as file:
            if file.readline().rstrip("\n") == timer_text.MARK:
                return True
    raise ConfigError(
        f"something else lies at '{path}'", "move it away, and type the command again"
    )


def _ran(words: list[str], environ: Mapping[str, str], given: str = "") -> tuple[int, str, str]:
    program = shutil.which(words[0], path=environ.get("PATH")) or words[0]
    try:
        done = subprocess.run(  # noqa: S603 systemctl or crontab, and words of ours
            [program, *words[1:]],
            input=os.fsencode(given),
            capture_output=True,
            env=dict(environ),
            timeout=_WAIT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        raise ConfigError(f"{words[0]} cannot be run, or does not answer") from None
    return done.returncode, os.fsdecode(done.stdout), os.fsdecode(done.stderr)


def _first(text: str) -> str:
    return safe(next(iter(text.splitlines()), "it said nothing"))


def _shown(paths: Mapping[str, str]) -> list[str]:
    return [f"{path}:\n{text}" for path, text in paths.items()]


def _show(context: Context, *lines: str) -> None:
    for line in lines:
        outfile.show(os.fsencode(f"{line}\n"), context)
