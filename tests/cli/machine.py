"""A home whose vault a key file opens, and what is asked of it on the command line."""

from pathlib import Path

import pytest

from secretctl.cli.rekey_key_files import KeyFiles
from secretctl.context import Context
from secretctl.service import rekeying
from secretctl.service.recording import Recorder
from secretctl.store import draft
from tests.conftest import World
from tests.faults.commands import Ended, ended

WORDS, OTHER = "first passphrase of several words", "second passphrase of several words"


class Machine:
    """A home with a vault and a secret in it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.environ: dict[str, str] = {}

    def __call__(self, *words: str, **more: str) -> Ended:
        """Run a command, with variables besides."""
        return ended(self.world, *words, context=self.context(**more))

    def context(self, **more: str) -> Context:
        """Return what a process is given, with variables besides."""
        environ = {**self.world.context.environ, **self.environ, **more}
        return self.world.context._replace(environ=environ)

    @property
    def key_file(self) -> Path:
        """The key file that is found by itself."""
        (path,) = Path(self.world.home, ".config/secretctl/keys").glob("*.key")
        return path

    def opens(self, **more: str) -> bool:
        """Tell whether the vault can be read."""
        return self("get-secret-value", "--secret-id", "a", **more).status == 0

    def opens_by(self, path: Path) -> bool:
        """Tell whether the vault can be read with a key file."""
        return self.opens(SECRETCTL_KEY_FILE=str(path))

    def opens_with(self, words: str) -> bool:
        """Tell whether the vault can be read with a passphrase, and without a key file."""
        no_file = {"XDG_CONFIG_HOME": str(self.world.home / "elsewhere")}
        return self.opens(SECRETCTL_PASSPHRASE=words, **no_file)

    def slots(self) -> list[tuple[str, str]]:
        """Return id and kind of each unlock slot."""
        lines = self("unlock-slot", "list").stdout.splitlines()
        return [(line.split()[0], line.split()[1]) for line in lines]

    def add_passphrase(self, words: str) -> str:
        """Add a passphrase; return its slot's id."""
        assert (
            self("unlock-slot", "add", "--passphrase", SECRETCTL_NEW_PASSPHRASE=words).status == 0
        )
        return self.slots()[-1][0]


def new_key_files(folder: Path) -> list[Path]:
    """Return the new key files in a folder that do not have their place yet."""
    return sorted(folder.glob("*.new-*"))


def cut_off(machine: Machine, monkeypatch: pytest.MonkeyPatch, *options: str) -> None:
    """Rekey, killed before the new key files have their places."""

    class KilledError(BaseException):
        pass

    def die(*_: object) -> None:
        raise KilledError

    def die_silently(*_: object) -> None:
        patched.setattr(Recorder, "write", die)
        die()

    with monkeypatch.context() as patched:
        patched.setattr(KeyFiles, "put_in_place", die_silently)
        patched.setattr(KeyFiles, "discard", lambda _: None)
        patched.setattr(Recorder, "settle", die)
        with pytest.raises(KilledError):
            machine("rekey", *options)


def cut_off_before(machine: Machine, monkeypatch: pytest.MonkeyPatch, *options: str) -> None:
    """Rekey, killed when the new vault is written and has not its place."""

    class KilledError(BaseException):
        pass

    def die(*_: object) -> None:
        patched.setattr(Recorder, "write", die)
        raise KilledError

    with monkeypatch.context() as patched:
        patched.setattr(rekeying, "_check", die)
        patched.setattr(KeyFiles, "discard", lambda _: None)
        patched.setattr(draft, "_remove", lambda _: None)
        patched.setattr(Recorder, "settle", die)
        with pytest.raises(KilledError):
            machine("rekey", *options)
