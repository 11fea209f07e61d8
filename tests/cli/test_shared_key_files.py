"""A key file that opens two vaults: neither is lost by a rekey of the other, whenever that is."""

from collections.abc import Callable
from pathlib import Path

import pytest

from secretctl.cli import keyfile_exchange
from secretctl.cli.rekey_key_files import KeyFiles
from tests.cli.machine import Machine, cut_off, cut_off_before, new_key_files


class Two:
    """A machine with two vaults, both opened by one key file."""

    def __init__(self, machine: Machine, folder: Path) -> None:
        self.machine, self.folder = machine, folder
        self.shared = folder / "shared.key"
        self.other = str(Path(machine.world.directory).with_name("team"))
        (own,) = machine.slots()
        assert machine("unlock-slot", "add", "--key-file", str(self.shared)).status == 0
        machine.environ["SECRETCTL_KEY_FILE"] = str(self.shared)
        assert machine("unlock-slot", "remove", own[0]).status == 0
        assert machine("init", "--vault", self.other).status == 0
        words = ("--vault", self.other, "--name", "a", "--secret-string", "v")
        assert machine("create-secret", *words).status == 0

    def rekey_other(self, *words: str) -> None:
        """Rekey the one that is not the default."""
        assert self.machine("rekey", "--vault", self.other, *words).status == 0

    def are_opened(self) -> list[bool]:
        """Tell of each vault whether the file opens it, or one that lies beside it."""
        return [self._is_opened(*words) for words in ((), ("--vault", self.other))]

    def _is_opened(self, *words: str) -> bool:
        ways = [self.shared, *self.folder.glob("shared.key.*")]
        words = ("get-secret-value", "--secret-id", "a", *words)
        done = (self.machine(*words, SECRETCTL_KEY_FILE=str(path)) for path in ways)
        return any(each.status == 0 for each in done)


@pytest.fixture
def two(machine: Machine, tmp_path: Path) -> Two:
    """Two vaults and a key file."""
    folder = tmp_path / "files"
    folder.mkdir(mode=0o700)
    return Two(machine, folder)


def test_the_other_vault_is_opened_by_the_old_key_file(two: Two) -> None:
    """Which is kept beside the new one."""
    told = (
        f"  the vault {two.other} goes on being opened by the old key file alone: name that by "
        "SECRETCTL_KEY_FILE\n"
    )
    for words in (("--dry-run",), ()):
        said = two.machine("rekey", *words)
        assert (said.status, said.stdout.endswith(told)) == (0, True)
    assert two.machine.opens()
    old = {"SECRETCTL_KEY_FILE": f"{two.shared}.old-1"}
    said = two.machine("list-secrets", "--vault", two.other)
    assert said.status == 253
    assert f"hint: the old one beside it does: export SECRETCTL_KEY_FILE={two.shared}.old-1\n" in (
        said.stderr
    )
    assert two.machine("list-secrets", "--vault", two.other, **old).status == 0
    said = two.machine("rekey", "--same-key-files", "--vault", two.other, **old)
    assert (said.status, "the old key file" in said.stdout) == (0, False)


def test_two_at_once_lose_neither_vault(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other is rekeyed while this one's new key file waits: the file opens both."""
    put_in_place = KeyFiles.put_in_place

    def meanwhile(files: KeyFiles) -> None:
        monkeypatch.setattr(KeyFiles, "put_in_place", put_in_place)
        two.rekey_other()
        put_in_place(files)

    monkeypatch.setattr(KeyFiles, "put_in_place", meanwhile)
    said = two.machine("rekey")
    (waiting,) = new_key_files(two.folder)
    told = f"  new key file   {waiting}\n  old key file   {two.shared}.old-1\n"
    assert (said.status, told in said.stdout) == (0, True)
    assert two.machine.opens()
    assert two.machine("list-secrets", "--vault", two.other).status == 0
    assert waiting.exists()
    assert two.machine("rekey").status == 0
    assert two.machine.opens()
    assert two.machine("list-secrets", "--vault", two.other).status == 0
    assert two.machine("fsck").status == 0


@pytest.mark.parametrize("cut", [cut_off, cut_off_before])
@pytest.mark.parametrize("words", [(), ("--same-key-files",)])
def test_one_that_is_killed_is_not_lost_by_a_rekey_of_the_other(
    two: Two,
    monkeypatch: pytest.MonkeyPatch,
    cut: Callable[[Machine, pytest.MonkeyPatch], None],
    words: tuple[str, ...],
) -> None:
    """Its new key file waits until it is put in place, or its own rekey removes it."""
    cut(two.machine, monkeypatch)
    (waiting,) = new_key_files(two.folder)
    two.rekey_other(*words)
    assert waiting.exists()
    assert two.are_opened() == [True, True]
    if words:
        assert two.machine("rekey").status == 0
        assert not waiting.exists()
        assert two.machine.opens()


def test_a_copy_of_the_vault_keeps_its_new_key_file(
    two: Two, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Both have one id: it is put back from a backup while the rekeyed one lies aside."""
    backup = tmp_path / "backup"
    assert two.machine("backup", str(backup)).status == 0
    cut_off(two.machine, monkeypatch)
    (waiting,) = new_key_files(two.folder)
    assert two.machine("restore", "--replace", str(backup)).status == 0
    assert two.machine("accept-restore").status == 0
    assert two.machine("rekey").status == 0
    assert waiting.exists()


def test_who_lets_a_key_file_open_a_second_vault_is_warned(machine: Machine) -> None:
    """Where the first is known: in the folder of vaults, or by the configuration file."""
    first, team = machine.world.directory, str(machine.world.home / "elsewhere" / "team")
    theirs = ("--key-file", str(machine.world.home / "team.key"))
    assert machine("init", "--vault", team, *theirs).stderr == ""
    warning = "secretctl: warning: that key file opens the vault {} as well: after a rekey of "
    beside = ("--vault", str(Path(first).with_name("two")))
    said = machine("init", *beside, "--key-file", str(machine.key_file))
    assert (said.status, said.stderr.startswith(warning.format(first))) == (0, True)
    assert machine("configure", "set", "vault", team, "--profile", "team").status == 0
    said = machine("unlock-slot", "add", *theirs)
    assert (said.status, said.stderr.startswith(warning.format(team))) == (0, True)


def test_what_lies_there_by_then_is_not_replaced(two: Two) -> None:
    """Nor is it kept as an old one."""
    new = two.folder / "new"
    new.write_bytes(two.shared.read_bytes())
    before = two.shared.read_bytes()
    with pytest.raises(Exception, match="another key file lies there"):
        keyfile_exchange.put_in_place(str(new), str(two.shared), "/no/vault", bytes(32))
    assert two.shared.read_bytes() == before
