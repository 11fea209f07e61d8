"""What a look at the secrets of a watched command finds, and what it records."""

import fcntl
import io
import json
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from secretctl.cli import config, options
from secretctl.cli.api import open_session
from secretctl.cli.exec import Given, Read, split
from secretctl.cli.exec_watching import Watched
from secretctl.cli.running import handed_over
from secretctl.cli.supplier import OfVault
from secretctl.delivery.execute import Program
from secretctl.delivery.run_files import Placed, Wanted
from secretctl.delivery.run_folder import Base
from secretctl.delivery.supervise_start import Running
from secretctl.errors import UsageError
from tests.access.conftest import Account, allow, deny
from tests.cli.machine import WORDS, Machine
from tests.conftest import World

CANARY = "canary-8c1e"


class Unstarted(Watched):
    """A watched command of which nothing is run."""

    started: dict[str, str | bytes]
    files: Wanted
    removed: Path | None = None
    """Where nothing can be made, if anywhere."""

    def _read(self, read_all: Read) -> Given:
        given = super()._read(read_all)
        if self.removed is None:
            return given
        given.close()
        self.removed.mkdir()
        place = Base(str(self.removed), os.open(self.removed, os.O_RDONLY))
        self.removed.rmdir()
        return given._replace(place=place)

    def _start(
        self,
        program: Program,
        files: Callable[[], Placed] | None,
        secrets: dict[str, str | bytes],
    ) -> Running:
        self.started, self.program, self.paths = secrets, program, []
        if files is not None:
            placed = files()
            self.paths = [Path(os.fsdecode(path)) for path in placed.environment.values()]
            self.contents = [path.read_bytes() for path in self.paths]
            placed.put_away()
        self._running = Running(0, 0, -1, -1, renew=self.renew)
        return self._running

    def renew(self, files: Wanted) -> None:
        """Take other files."""
        self.files = files


class Watching:
    """A command line of exec, as it is while its command runs."""

    def __init__(self, account: Account, *words: str, command: str = "true") -> None:
        """Read the secrets for the first time."""
        self.err = io.StringIO()
        context = account.context
        environ = {**context.environ, **account.environ}
        context = context._replace(environ=environ, stderr=self.err)
        watch = [] if "--watch-signal" in words else ["--watch"]
        request = split([*watch, *words, "--", command])
        loaded = config.load(environ)
        settings = config.settings(loaded, None, options.Globals(), environ)
        self.watched = Unstarted(request, settings, context)
        session = open_session(settings, context, "exec")
        try:
            handed_over(OfVault(session), request, self.watched.first(session))
        finally:
            session.close()

    def look(self) -> tuple[dict[str, str | bytes] | None, str]:
        """Return what a new command would be given, None if there is none, and what is told."""
        self.err.seek(0)
        self.err.truncate()
        self.found = self.watched._look()
        if self.found.start is None:
            return None, self.err.getvalue()
        self.found.start()
        return self.watched.started, self.err.getvalue()


@pytest.fixture
def root(world: World) -> Account:
    """The account root, whose secret db has a user and a password."""
    account = Account(world.context)
    put(account, user="u", password=CANARY)
    return account


def put(account: Account, **values: str) -> None:
    """Give db a new version."""
    words = ("--secret-string", json.dumps(values))
    if account("put-secret-value", "--secret-id", "db", *words).status:
        account.must("create-secret", "--name", "db", *words)


def journal(account: Account) -> list[str]:
    """Return the names of what is recorded, in order; questions to the journal are left out."""
    words = ("audit", "lookup-events", "--query", "Events[].EventName")
    found: list[str] = json.loads(account(*words).out)
    return [name for name in reversed(found) if name not in ("UnlockVault", "LookupEvents")]


@contextmanager
def recording(account: Account) -> Iterator[list[str]]:
    """Yield a list that has, at the end, what was recorded in the block."""
    said: list[str] = []
    before = len(journal(account))
    yield said
    said += journal(account)[before:]


def test_changed_value_is_read_recorded_and_handed_over(root: Account) -> None:
    """By the records of any exec, in their order; what is told is names."""
    watching = Watching(root, "PW=db#password", "db#user")
    put(root, user="u", password="other")
    with recording(root) as said:
        given, told = watching.look()
    assert given == {"PW": "other", "user": "u"}
    assert told == "secretctl: note: changed: PW; the command is run again\n"
    assert said == ["GetSecretValue", "Exec"]
    assert watching.look() == (None, "")


def test_nothing_of_ours_changed_and_nothing_is_recorded(root: Account) -> None:
    """Another secret, tags, labels of other versions: no record, not even of an unlocking."""
    watching = Watching(root, "PW=db#password")
    root.must("create-secret", "--name", "other", "--secret-string", "x")
    root.must("tag-resource", "--secret-id", "db", "--tags", "Key=k,Value=v")
    root.must(
        *("put-secret-value", "--secret-id", "db", "--secret-string", "pending"),
        *("--version-stages", "AWSPENDING"),
    )
    files = Path(root.context.environ["HOME"]).rglob("*.jsonl")
    before = {path: path.read_bytes() for path in files}
    assert before
    for _ in range(3):
        assert watching.look() == (None, "")
    assert {path: path.read_bytes() for path in before} == before


def test_new_version_with_the_value_of_before_runs_nothing_again(root: Account) -> None:
    """Another key of the JSON object, or the same text once more: read once, and that is all."""
    watching = Watching(root, "PW=db#password")
    for user in ("u", "other"):
        put(root, user=user, password=CANARY)
        with recording(root) as said:
            assert watching.look() == (None, "")
        assert said == ["GetSecretValue"]
        with recording(root) as said:
            assert watching.look() == (None, "")
        assert said == []


def test_deleted_secret_is_told_once_and_comes_back(root: Account) -> None:
    """The command goes on; after the restoring nothing has changed; after that, it may again."""
    watching = Watching(root, "PW=db#password")
    root.must("delete-secret", "--secret-id", "db")
    given, told = watching.look()
    assert given is None
    assert told == (
        "secretctl: warning: 'db' cannot be read any more: InvalidRequestException; the command "
        "goes on with what it was given\n"
    )
    assert watching.look() == (None, "")
    root.must("restore-secret", "--secret-id", "db")
    assert watching.look() == (None, "")
    put(root, user="u", password="new")
    assert watching.look()[0] == {"PW": "new"}
    root.must("delete-secret", "--secret-id", "db", "--force-delete-without-recovery")
    assert "ResourceNotFoundException" in watching.look()[1]
    put(root, user="u", password="of another secret")
    assert watching.look()[0] == {"PW": "of another secret"}


def test_label_that_moves_is_a_change_and_one_that_is_gone_is_told(root: Account) -> None:
    """The label that was asked for decides, not the newest version."""
    move = ("update-secret-version-stage", "--secret-id", "db", "--version-stage", "BLUE")
    versions = []
    for password in ("one", "two"):
        put(root, password=password)
        found = root.must("describe-secret", "--secret-id", "db")["VersionIdsToStages"]
        versions += [each for each, labels in found.items() if "AWSCURRENT" in labels]
    root.must(*move, "--move-to-version-id", versions[0])
    watching = Watching(root, "PW=db#password?stage=BLUE")
    put(root, password="three")
    assert watching.look() == (None, "")
    root.must(*move, "--remove-from-version-id", versions[0])
    assert "'db' cannot be read any more: ResourceNotFoundException" in watching.look()[1]
    root.must(*move, "--move-to-version-id", versions[1])
    assert watching.look()[0] == {"PW": "two"}


def test_value_that_cannot_be_handed_over_is_read_once(root: Account) -> None:
    """The key is gone: the command goes on, and is run again when it is there."""
    watching = Watching(root, "PW=db#password")
    put(root, user="u")
    with recording(root) as said:
        given, told = watching.look()
        assert given is None
        assert "the command goes on with what it was given" in told
        assert watching.look() == (None, "")
    assert said == ["GetSecretValue", "GetSecretValue", "Exec"]  # the value did not arrive
    put(root, password="there")
    assert watching.look()[0] == {"PW": "there"}


def test_one_that_is_lost_holds_the_others_back(root: Account) -> None:
    """A command is not run with a part of what it was given."""
    root.must("create-secret", "--name", "tok", "--secret-string", "t1")
    watching = Watching(root, "PW=db#password", "--optional", "TOK=tok", "--optional", "X=none")
    root.must("put-secret-value", "--secret-id", "tok", "--secret-string", "t2")
    root.must("delete-secret", "--secret-id", "db")
    with recording(root) as said:
        assert watching.look()[0] is None
    assert said == []
    root.must("restore-secret", "--secret-id", "db")
    assert watching.look()[0] == {"PW": CANARY, "TOK": "t2"}
    root.must("create-secret", "--name", "none", "--secret-string", "x")
    assert watching.look()[0] == {"PW": CANARY, "TOK": "t2", "X": "x"}


@pytest.mark.parametrize("words", [["P=db?version=" + "0" * 32], ["--env-file", "literals"]])
def test_what_cannot_change_is_an_error(
    root: Account, words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each source names its version, or there is no secret among them."""
    monkeypatch.chdir(tmp_path)
    Path("literals").write_text("A=b\n")
    with pytest.raises(UsageError, match="nothing can change"):
        Watching(root, *words)


def test_optional_secret_that_is_gone_is_a_change(root: Account) -> None:
    """A command that begins would do without it; what can be restored is only lost."""
    root.must("create-secret", "--name", "tok", "--secret-string", "t1")
    watching = Watching(root, "PW=db#password", "--optional", "TOK=tok")
    signalled = Watching(root, "PW=db#password", "--optional", "TOK=tok", "--watch-signal", "HUP")
    root.must("delete-secret", "--secret-id", "tok")
    assert "'tok' cannot be read any more: InvalidRequest" in watching.look()[1]
    root.must("delete-secret", "--secret-id", "tok", "--force-delete-without-recovery")
    assert watching.look()[0] == {"PW": CANARY}
    assert watching.look() == (None, "")
    assert "note: changed: 'tok'" in signalled.look()[1]
    assert signalled.found.is_changed
    put(root, user="u", password="new")
    assert watching.look()[0] == {"PW": "new"}
    root.must("create-secret", "--name", "tok", "--secret-string", "t2")
    assert watching.look()[0] == {"PW": "new", "TOK": "t2"}


def test_command_that_is_gone_is_looked_for_again(root: Account, tmp_path: Path) -> None:
    """Nothing is read for it until it is back."""
    command = tmp_path / "command"
    command.symlink_to("/bin/true")
    watching = Watching(root, "PW=db#password", command=str(command))
    put(root, user="u", password="new")
    command.unlink()
    with recording(root) as said:
        told = [watching.look()[1] for _ in range(3)]
    assert watching.found.failed
    assert said == ["Exec"] * 3  # as what failed
    assert [text.count("secretctl: warning: command not found") for text in told] == [0, 1, 0]
    command.symlink_to("/bin/true")
    assert watching.look()[0] == {"PW": "new"}


def test_permission_taken_away_is_told_and_nothing_given(root: Account) -> None:
    """A principal goes on with what it has, is told once, and gets new values when it may again."""
    alice = root.user("alice")
    root.allow("alice", allow("secretsmanager:GetSecretValue"))
    watching = Watching(alice, "PW=db#password")
    put(root, password="new")
    root.allow("alice", deny("secretsmanager:GetSecretValue"))
    given, told = watching.look()
    assert given is None
    assert "'db' cannot be read any more: AccessDeniedException" in told
    assert watching.look() == (None, "")
    root.allow("alice", allow("secretsmanager:GetSecretValue"))
    assert watching.look()[0] == {"PW": "new"}
    root.must(
        *("iam", "delete-access-key", "--user-name", "alice"),
        *("--access-key-id", alice.environ["SECRETCTL_ACCESS_KEY_ID"]),
    )
    assert watching.look()[0] is None
    assert not watching.found.failed


def test_rekeyed_vault_is_read_on_where_its_key_file_is(root: Account) -> None:
    """The new content of the key file opens it."""
    watching = Watching(root, "PW=db#password")
    assert root("rekey").status == 0
    assert watching.look() == (None, "")
    put(root, password="new")
    assert watching.look()[0] == {"PW": "new"}


def test_passphrase_is_asked_for_once_and_rekeying_ends_that(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The root key it gave opens the vault again, until the vault has another."""
    machine.add_passphrase(WORDS)
    account = Account(machine.context(SECRETCTL_PASSPHRASE=WORDS))
    put(account, password="one")
    path = machine.key_file
    path.rename(aside := path.with_name("aside"))
    watching = Watching(account, "PW=db#password")
    put(account, password="two")
    with monkeypatch.context() as patch:
        patch.setattr("secretctl.cli.passphrase.find", None)  # whoever called it would break
        assert watching.look()[0] == {"PW": "two"}
    aside.rename(path)
    assert account("rekey").status == 0
    given, told = watching.look()
    assert given is None
    assert "what opened the vault at the start does not open it any more" in told
    assert watching.look() == (None, "")


def test_older_copy_is_refused_until_it_is_accepted(root: Account, world: World) -> None:
    """Nothing is given out of a vault that was put back."""
    shutil.copytree(world.directory, copy := f"{world.home}/copy")
    put(root, password="new")
    watching = Watching(root, "PW=db#password")
    shutil.rmtree(world.directory)
    assert "there is no vault" in watching.look()[1]
    os.rename(copy, world.directory)
    given, told = watching.look()
    assert given is None
    assert "older" in told
    assert "secretctl: hint: secretctl accept-restore" in told
    assert root("accept-restore", "--yes").status == 0 or root("accept-restore").status == 0
    assert watching.look()[0] == {"PW": CANARY}


def test_nothing_is_handed_over_while_the_journal_cannot_be_written(
    root: Account, world: World
) -> None:
    """The look failed: it is made again, told of the second time, and succeeds when it can."""
    watching = Watching(root, "PW=db#password")
    put(root, password="new")
    audit = Path(world.directory, "audit")
    lock = next(path for path in audit.iterdir() if "lock" in path.name)
    lock.rename(aside := lock.with_name("aside"))
    lock.symlink_to("nowhere")
    assert watching.look() == (None, "")
    assert watching.found.failed
    assert "the command goes on with what it was given" in watching.look()[1]
    lock.unlink()
    aside.rename(lock)
    assert watching.look()[0] == {"PW": "new"}


@contextmanager
def committing(world: World, name: str) -> Iterator[None]:
    """Be in the middle of a commit, where *name* is the lock of those who write the vault."""
    database = sqlite3.connect(Path(world.directory, "vault.db"), isolation_level=None)
    if name == "vault.lock":
        database.execute("BEGIN EXCLUSIVE")
    yield
    database.close()


@pytest.mark.parametrize("name", ["vault.lock", "audit/lock"])
def test_locks_of_others_are_not_waited_for(root: Account, world: World, name: str) -> None:
    """Half a second each, and no thread waits on; the next time all is there."""
    watching = Watching(root, "PW=db#password")
    put(root, password="new")
    threads = len(os.listdir("/proc/self/task"))
    with open(Path(world.directory, name), "r+") as file, committing(world, name):
        fcntl.flock(file, fcntl.LOCK_EX)
        begin = time.monotonic()
        assert watching.look() == (None, "")
        assert watching.found.failed
        assert time.monotonic() - begin < 5
        assert len(os.listdir("/proc/self/task")) == threads
    assert watching.look()[0] == {"PW": "new"}


def test_signalled_command_is_given_nothing(root: Account) -> None:
    """That there is a new version is all that is found; nobody reads it, nothing is recorded."""
    watching = Watching(root, "PW=db#password", "--watch-signal", "HUP")
    put(root, password="new")
    with recording(root) as said:
        given, told = watching.look()
    assert (given, watching.found.is_changed) == (None, True)
    assert told == "secretctl: note: changed: 'db'; the command is sent a signal\n"
    assert said == []
    assert watching.look() == (None, "")
    assert not watching.found.is_changed


def test_files_are_what_a_new_command_is_given(root: Account) -> None:
    """Beside variables; what did not change is read with the rest."""
    watching = Watching(root, "db#user", "--file", "PW=db#password")
    put(root, user="u", password="other")
    with recording(root) as said:
        given, told = watching.look()
    assert given == {"user": "u", "PW": b"other"}
    assert told == "secretctl: note: changed: PW; the command is run again\n"
    assert said == ["GetSecretValue", "Exec"]
    assert watching.watched.contents == [b"other"]
    assert not any(path.exists() for path in watching.watched.paths)


def test_command_goes_on_where_there_is_no_room_for_new_files(
    root: Account, tmp_path: Path
) -> None:
    """They are made before it is ended: there is none to be started, and it is tried again."""
    watching = Watching(root, "--file", "PW=db#password")
    opened = len(os.listdir("/proc/self/fd"))
    put(root, password="other")
    watching.watched.removed = tmp_path / "removed"
    err = ""
    for told in (0, 1, 1, 1):
        given, said = watching.look()
        err += said
        assert given is None
        assert watching.found.failed
        assert err.count("no files can be made in") == told
    watching.watched.removed = None
    last = ("--query", "Events[?EventName=='Exec'].CloudTrailEvent | [0]")
    assert "The command was given nothing new." in root("audit", "lookup-events", *last).out
    assert watching.look()[0] == {"PW": b"other"}
    assert len(os.listdir("/proc/self/fd")) == opened


def test_files_are_renewed_before_a_signal(root: Account) -> None:
    """Read and recorded as handed over, those alone, and only where a value is another."""
    words = ("db#user", "--file", "PW=db#password", "--watch-signal", "HUP")
    watching = Watching(root, *words)
    put(root, user="u", password="other")
    with recording(root) as said:
        given, told = watching.look()
    assert (given, watching.found.is_changed) == (None, True)
    assert told == "secretctl: note: changed: PW; the command is sent a signal\n"
    assert said == ["GetSecretValue", "Exec"]
    put(root, user="v", password="other")
    assert watching.look()[1] == (
        "secretctl: note: changed: user; the command is sent a signal\n"
        "secretctl: hint: a command that runs keeps its variables as they were: user; "
        "choose --file, or --watch\n"
    )
    put(root, user="w", password="other")
    assert "hint" not in watching.look()[1]
    put(root, user="w", password="third")
    assert watching.look()[1] == "secretctl: note: changed: PW; the command is sent a signal\n"
    assert [each.content for each in watching.watched.files.values] == [b"third"]
    last = root(
        "audit", "lookup-events", "--query", "Events[?EventName=='Exec'].CloudTrailEvent | [0]"
    ).out
    assert '"variables":["PW"]' in json.loads(last)
    put(root, user="w", password="third", more="x")
    assert watching.look() == (None, "")
    assert not watching.found.is_changed


@pytest.mark.parametrize("kind", ["fifo", "descriptor"])
def test_pipes_and_descriptors_are_not_renewed(root: Account, kind: str) -> None:
    """The command would go on with what it was given first."""
    with pytest.raises(UsageError, match=f"a {kind} cannot be given another value"):
        Watching(root, "--file", "PW=db", "--file-kind", kind, "--watch-signal", "HUP")


def test_signal_and_masked_output_exclude_each_other(root: Account) -> None:
    """What the command reads by itself nobody could mask."""
    with pytest.raises(UsageError, match="would not be masked"):
        Watching(root, "PW=db#password", "--watch-signal", "HUP", "--mask")


def test_no_value_is_kept(root: Account) -> None:
    """What a watched command was given is not to be found in what watches it."""
    watching = Watching(root, "PW=db#password")
    put(root, password="second-canary")
    watching.look()
    watching.watched.started.clear()
    del watching.watched.program
    kept = repr(vars(watching.watched))
    assert "PW" in kept
    assert CANARY not in kept
    assert "second-canary" not in kept
