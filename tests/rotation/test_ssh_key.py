"""``builtin/ssh-key`` with a real sshd."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from secretctl.crypto import ssh_keys
from secretctl.rotation import authorized_keys, engine, ssh_account
from secretctl.rotation.ssh_login import login
from secretctl.rotation.steps import FINISH, SET, STEPS, Function, RotationError, Step, StepError
from tests.remote.peers import breaking
from tests.rotation.conftest import SECRET, OfServer, Rotator
from tests.rotation.postgres import free_port
from tests.rotation.sshd import IS_HERE, USER, Server, key_pair

pytestmark = pytest.mark.skipif(not IS_HERE, reason="openssh-server is not installed")
NAME = "builtin/ssh-key"
OTHER = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFt0b3RoZXIta2V5LXRoYXQtbXVzdC1zdGF5LTE2"


@pytest.fixture(scope="module")
def shared() -> Iterator[Server]:
    """A server that is running."""
    server = Server()
    server.start()
    yield server
    server.remove()


class OfAccount(OfServer):
    """Rotates the key of an account."""

    def __init__(self, rotator: Rotator, server: Server, folder: Path) -> None:
        super().__init__(rotator, NAME)
        self.server = server
        self.first, self.first_public = key_pair(folder / "first")
        server.keys.write_text(f"# kept\nrestrict,pty {self.first_public} me@desk\n{OTHER} other\n")
        self.put()

    def put(self, **more: object) -> None:
        """Put the secret by hand."""
        place = {"Host": "127.0.0.1", "Port": self.server.port, "Username": USER, "note": "kept"}
        keys = {"PrivateKey": self.first, "TrustedHostKeys": [self.server.host_key]}
        self.put_value(SECRET, **{**place, **keys, **more})

    @property
    def private(self) -> str:
        """The current private key."""
        return str(json.loads(self.value())["PrivateKey"])

    @property
    def public(self) -> str:
        """The current public key."""
        return str(json.loads(self.value())["PublicKey"])


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder whose name leaves room for that of a socket."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.fixture
def account(rotator: Rotator, shared: Server, tmp_path: Path) -> OfAccount:
    """Rotates the key of an account of the server that has the first one."""
    return OfAccount(rotator, shared, tmp_path)


def test_a_new_key_opens_and_the_one_before_does_for_another_period(account: OfAccount) -> None:
    """The one before that is refused, and no other line of the file has changed."""
    held = [account.first]
    for _ in range(3):
        account.rotate(account.begin())
        held.append(account.private)
        opens = [account.server.opens(each) for each in held]
        assert opens == [index >= len(held) - 2 for index in range(len(held))]
    value = json.loads(account.value())
    assert (value["note"], value["Port"]) == ("kept", account.server.port)
    before = ssh_keys.public_of(held[-2])
    options, comment = "restrict,pty", "me@desk"
    assert account.server.keys.read_text().splitlines() == [
        "# kept",
        f"{options} {before} {comment}",
        f"{options} {account.public} {comment}",
        f"{OTHER} other",
    ]


def test_what_is_made_is_what_openssh_reads(account: OfAccount, tmp_path: Path) -> None:
    """The public key of the value is that of the private one, of Ed25519."""
    account.rotate(account.begin())
    file = tmp_path / "made"
    file.touch(mode=0o600)
    file.write_text(account.private)
    shown = subprocess.run(
        ["ssh-keygen", "-y", "-f", file], capture_output=True, text=True, check=True
    )
    assert shown.stdout.strip() == account.public
    assert account.public.startswith("ssh-ed25519 ")


@pytest.mark.parametrize("kind", ["rsa", "ecdsa"])
def test_a_key_of_another_kind_is_followed_by_one_of_ed25519(
    account: OfAccount, tmp_path: Path, kind: str
) -> None:
    """Whatever opens the account can be rotated."""
    private, public = key_pair(tmp_path / kind, kind)
    account.server.keys.write_text(f'from="127.0.0.1" {public}')
    account.put(PrivateKey=private)
    account.rotate(account.begin())
    assert account.server.opens(account.private)
    lines = account.server.keys.read_text().splitlines()
    assert lines == [f'from="127.0.0.1" {public}', f'from="127.0.0.1" {account.public}']


def test_a_file_has_its_mode_and_its_place_again(account: OfAccount) -> None:
    """A link is followed, and what it points to is replaced."""
    keys = account.server.keys
    real = keys.with_name("real")
    keys.rename(real)
    keys.symlink_to(real)
    real.chmod(0o640)
    try:
        account.rotate(account.begin())
        assert keys.is_symlink()
        assert real.stat().st_mode & 0o777 == 0o640
        assert account.public in real.read_text()
        assert {each.name for each in keys.parent.iterdir()} == {"authorized_keys", "real"}
    finally:
        keys.unlink()
        real.unlink()


@pytest.mark.parametrize("where", [*STEPS, "end"])
def test_whatever_is_cut_off_is_finished_by_the_next_try(account: OfAccount, where: str) -> None:
    """The current key opens at every moment."""
    if where in (FINISH, "end"):  # there is one to be removed
        account.rotate(account.begin())
    version = account.begin()

    class CutOffError(BaseException):
        pass

    def run(step: Step) -> None:
        if step.name != FINISH or where != FINISH:
            account.function.run(step)
        if step.name == where or (step.name == FINISH and where == "end"):
            raise CutOffError

    with pytest.raises(CutOffError):
        engine.rotate(account.service.session, account.arn, version, Function("t", run), print)
    assert account.server.opens(account.private)
    account.rotate(version)
    assert account.labels[version] == ["AWSCURRENT"]
    assert account.server.opens(account.private)
    assert account.server.keys.read_text().count("me@desk") == 2


def test_no_key_is_offered_that_does_not_open_yet(account: OfAccount) -> None:
    """From OpenSSH 9.8 on, whoever offers a few of those is shut out for a while."""
    before = account.server.log.count("Failed publickey")
    for _ in range(2):
        account.rotate(account.begin())
    assert account.server.log.count("Failed publickey") == before


def test_who_is_shut_out_is_told(account: OfAccount) -> None:
    """A host that closes the connection at once is there, and will answer later."""
    with breaking(lambda _: None) as peer:
        account.put(Port=int(peer.url.rpartition(":")[2]))
        with pytest.raises(RotationError, match="closed the connection before") as caught:
            engine.check(account.service.session, account.arn, account.function)
    assert "PerSourcePenalties" in caught.value.hints[0]


def test_two_hosts_get_the_key_and_one_that_is_down_gets_it_later(account: OfAccount) -> None:
    """No host is asked for more than it has: the next try goes on."""
    second = Server("127.0.0.2", account.server.port)
    second.start()
    try:
        second.keys.write_text(account.server.keys.read_text())
        trusted = [account.server.host_key, f"127.0.0.2 {second.host_key}"]
        account.put(Host=["127.0.0.1", "127.0.0.2"], TrustedHostKeys=trusted)
        version = account.begin()
        second.stop()
        with pytest.raises(RotationError, match="setSecret: the host cannot be reached"):
            account.rotate(version)
        second.start()
        account.rotate(version)
        assert account.public in account.server.keys.read_text()
        assert account.public in second.keys.read_text()
    finally:
        second.remove()


def test_a_host_whose_key_is_not_known_is_not_talked_to(account: OfAccount) -> None:
    """Neither one that nobody has seen, nor one that has another key than it had."""
    for trusted in ([], [OTHER]):
        account.put(TrustedHostKeys=trusted)
        before = account.server.log.count("Accepted publickey")
        with pytest.raises(RotationError, match="key of the host is not known") as caught:
            engine.check(account.service.session, account.arn, account.function)
        assert "TrustedHostKeys" in caught.value.hints[0]
        assert account.server.log.count("Accepted publickey") == before


def test_a_key_that_is_not_let_in_is_said(account: OfAccount, tmp_path: Path) -> None:
    """By the check, and by a rotation, which changes nothing then."""
    wrong, _ = key_pair(tmp_path / "wrong")
    for _ in range(2):  # the version before counts as well
        account.put(PrivateKey=wrong)
    before = account.server.keys.read_text()
    with pytest.raises(RotationError, match="it would fail: the account refuses the key"):
        engine.check(account.service.session, account.arn, account.function)
    with pytest.raises(RotationError, match="takes neither the new key nor the ones before it"):
        account.rotate(account.begin())
    assert account.server.keys.read_text() == before


def test_a_key_that_was_typed_wrong_is_mended_by_the_one_before(
    account: OfAccount, tmp_path: Path
) -> None:
    """The version before may be the one that the account knows."""
    account.put(PrivateKey=key_pair(tmp_path / "wrong")[0])
    account.rotate(account.begin())
    assert account.server.opens(account.private)


def test_an_account_that_runs_no_script_of_ours_is_said(account: OfAccount) -> None:
    """A key with a command of its own cannot change the file, and none goes where it stood."""
    account.server.keys.write_text(f'command="echo hello" {account.first_public}\n')
    with pytest.raises(RotationError, match="runs no script of ours"):
        engine.check(account.service.session, account.arn, account.function)
    with pytest.raises(RotationError, match="setSecret: the account runs no script of ours"):
        account.rotate(account.begin())


def test_a_key_that_stands_elsewhere_is_said(account: OfAccount) -> None:
    """Where the file that lets it in is another one, ours would let in nobody."""
    real = account.server.keys.read_text()
    elsewhere = Server(AuthorizedKeysFile=f"{account.server.keys} .nowhere")
    elsewhere.start()
    try:
        elsewhere.keys.write_text(f"# {account.first_public}\n{OTHER}\n")
        account.put(Port=elsewhere.port, TrustedHostKeys=[elsewhere.host_key])
        with pytest.raises(RotationError, match=r"is not in its ~/.ssh/authorized_keys"):
            engine.check(account.service.session, account.arn, account.function)
        with pytest.raises(RotationError, match=r"is not in its ~/.ssh/authorized_keys"):
            account.rotate(account.begin())
        assert account.server.keys.read_text() == real
    finally:
        elsewhere.remove()


def test_a_folder_of_any_name_and_length_will_do(
    account: OfAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No socket has room for such a path, and to ssh some characters mean something."""
    folder = tmp_path / '${HOME} %h \\ "q" # x' / ("long" * 30)
    folder.mkdir(parents=True)
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    account.rotate(account.begin())
    assert account.server.opens(account.private)
    assert list(folder.iterdir()) == []


def test_two_never_change_a_file_at_once(account: OfAccount) -> None:
    """Keys that are added at the same moment are all there."""
    value = ssh_account.read(account.value())
    pairs = [ssh_keys.new_pair(bytes([number]) * 32)[1] for number in range(4)]
    told: list[str] = []

    def add(public: str) -> None:
        with login(value.account, value.private) as logged_in:
            script = authorized_keys.adding(public, account.first_public)
            told.append(logged_in.run("127.0.0.1", script))

    threads = [threading.Thread(target=add, args=[public]) for public in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == ["done"] * len(pairs)
    assert all(public in account.server.keys.read_text() for public in pairs)


def test_a_script_that_is_cut_off_does_nothing(account: OfAccount, tmp_path: Path) -> None:
    """Whatever part of it arrives, the file is as it was, or as it is to be."""
    home = tmp_path / "home"
    (home / ".ssh").mkdir(parents=True)
    keys = home / ".ssh" / "authorized_keys"
    script = authorized_keys.adding(OTHER, account.first_public)
    for length in range(0, len(script) - 1, 97):
        keys.write_text(account.first_public)
        subprocess.run(
            ["sh", "-s"],
            input=script[:length].encode(),
            env={"PATH": os.environ["PATH"], "HOME": str(home)},
            capture_output=True,
            check=False,
        )
        assert keys.read_text() == account.first_public


def test_the_private_key_is_in_no_argument_no_file_and_no_environment(
    account: OfAccount, short: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every program that runs is asked for what it was given, while one is logged in."""
    monkeypatch.setattr("tempfile.tempdir", str(short))
    value = ssh_account.read(account.value())
    marked = value.private.splitlines()[1]
    with login(value.account, value.private) as logged_in:
        assert logged_in.run("127.0.0.1", authorized_keys.HELLO) == "done"
        for process in Path("/proc").glob("[0-9]*"):
            for name in ("cmdline", "environ"):
                try:
                    said = (process / name).read_bytes()
                except OSError:
                    continue
                assert marked.encode() not in said
        (folder,) = short.glob("secretctl-rotation-*")
        assert folder.stat().st_mode & 0o777 == 0o700
        found = [each for each in folder.iterdir() if each.is_file()]
        assert {each.name for each in found} == {"config", "known_hosts"}
        assert not any(marked in each.read_text() for each in found)
    assert list(short.glob("secretctl-rotation-*")) == []
    assert marked not in repr(value)


def test_an_agent_ends_with_whoever_was_killed(account: OfAccount, short: Path) -> None:
    """Nothing that holds the key goes on for long."""
    (short / "value").write_text(account.value())
    code = (
        "import sys, time, tempfile\n"
        "from secretctl.rotation import ssh_account, ssh_login\n"
        "tempfile.tempdir = sys.argv[1]\n"
        "value = ssh_account.read(open(sys.argv[1] + '/value').read())\n"
        "with ssh_login.login(value.account, value.private):\n"
        "    print('in', flush=True)\n"
        "    time.sleep(60)\n"
    )
    words = [sys.executable, "-c", code, str(short)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "in\n"
        (agent,) = short.glob("secretctl-rotation-*/agent")
        process.kill()
    for _ in range(150):
        with socket.socket(socket.AF_UNIX) as probe:
            if probe.connect_ex(str(agent)):
                return
        time.sleep(0.1)
    raise AssertionError("the agent goes on")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"Username": ""}, "needs the key Username"),
        ({"Username": "-oProxyCommand=x"}, "the Username of the value has characters"),
        ({"Username": "a\nProxyCommand x"}, "the Username of the value has characters"),
        ({"Host": "a\nProxyCommand x"}, "the Host of the value is no name"),
        ({"Host": "-x"}, "the Host of the value is no name"),
        ({"Host": {"a": 1}}, "the Host of the value is no name"),
        ({"Port": "22x"}, "the port of the value is no number"),
        ({"TrustedHostKeys": "x"}, "the TrustedHostKeys of the value are no list"),
        ({"TrustedHostKeys": ["x"]}, "one of the TrustedHostKeys of the value is no host key"),
        ({"TrustedHostKeys": ["a b c\nd"]}, "one of the TrustedHostKeys"),
        ({"PrivateKey": ""}, "needs the key PrivateKey"),
        ({"PrivateKey": "secret words"}, "the PrivateKey of the value is no private key"),
    ],
)
def test_what_is_wrong_with_the_value_is_named(
    account: OfAccount, more: dict[str, object], said: str
) -> None:
    """And never what it holds."""
    account.put(**more)
    with pytest.raises(RotationError, match=said) as caught:
        engine.check(account.service.session, account.arn, account.function)
    assert "secret words" not in str(caught.value)
    assert "ProxyCommand" not in str(caught.value)


def test_a_key_with_a_passphrase_is_not_used(account: OfAccount, tmp_path: Path) -> None:
    """Nobody is there to be asked for it."""
    account.put(PrivateKey=key_pair(tmp_path / "words", words="hidden words")[0])
    with pytest.raises(RotationError, match="has a passphrase"):
        engine.check(account.service.session, account.arn, account.function)


def test_a_host_that_is_not_there_is_said(account: OfAccount) -> None:
    """And the version stays pending."""
    account.put(Port=free_port())
    version = account.begin()
    with pytest.raises(RotationError, match="setSecret: the host cannot be reached"):
        account.rotate(version)
    assert account.labels[version] == ["AWSPENDING"]


def test_programs_that_are_not_there_are_named(
    account: OfAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the package that has them."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RotationError, match="ssh-agent and ssh-add are not all here") as caught:
        engine.check(account.service.session, account.arn, account.function)
    assert "openssh-client" in caught.value.hints[0]


def test_without_a_host_a_pair_is_only_made(rotator: Rotator) -> None:
    """Nothing is needed for it but an object."""
    made = OfServer(rotator, NAME)
    made.put_value(SECRET, note="kept")
    engine.check(made.service.session, made.arn, made.function)
    seen = set()
    for _ in range(3):
        made.rotate(made.begin())
        value = json.loads(made.value())
        assert ssh_keys.public_of(value["PrivateKey"]) == value["PublicKey"]
        assert list(value) == ["note", "PrivateKey", "PublicKey"]
        seen.add(value["PublicKey"])
    assert len(seen) == 3


def test_a_host_that_asks_for_no_key_is_not_rotated(account: OfAccount) -> None:
    """Whether the new one works could not be told: a stand-in for ssh says how it got in."""
    folder = account.server.folder / "bin"
    folder.mkdir(exist_ok=True)
    program = folder / "ssh"
    program.write_text("#!/bin/sh\necho 'Authenticated to x using \"none\".' >&2\n")
    program.chmod(0o755)
    value = ssh_account.read(account.value())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
        with (
            login(value.account, value.private) as logged_in,
            pytest.raises(StepError, match="asks this account for no key"),
        ):
            logged_in.run("127.0.0.1", authorized_keys.HELLO)


def test_a_key_before_the_current_one_that_is_none_keeps_nothing_from_going_on(
    account: OfAccount,
) -> None:
    """What was put by hand in the meantime may be anything."""
    account.put_value(SECRET, rubbish="x")
    account.put()
    account.rotate(account.begin())
    assert account.server.opens(account.private)
    assert SET in account.steps
