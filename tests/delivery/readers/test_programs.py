"""Stores of pass and files of sops, decrypted by the real programs with a key made for the test."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Service, World
from tests.faults.commands import Ended, ended

CANARY = "canary-3f60"
NO_GPG = not shutil.which("gpg")
SOPS = shutil.which("sops", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
needs_gpg = pytest.mark.skipif(NO_GPG, reason="gpg is not here")
needs_sops = pytest.mark.skipif(NO_GPG or not SOPS, reason="sops or gpg is not here")
needs_pass = pytest.mark.skipif(NO_GPG or not shutil.which("pass"), reason="pass is not here")


@pytest.fixture(scope="module")
def environ() -> Iterator[dict[str, str]]:
    """The variables of somebody who has a key, without a passphrase, for t@example.com."""
    home = tempfile.mkdtemp(dir="/tmp")  # short: the agent's socket is in it
    found = {
        "HOME": home,
        "GNUPGHOME": home,
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
    }
    make = ["--batch", "--quiet", "--passphrase", "", "--quick-gen-key", "t@example.com"]
    try:
        run(["gpg", *make, "default", "default", "never"], found)
        yield found
    finally:
        subprocess.run(["gpgconf", "--kill", "gpg-agent"], env=found, check=False)
        shutil.rmtree(home, ignore_errors=True)


def run(words: list[str], environ: dict[str, str], given: bytes = b"") -> bytes:
    """Run a program; return what it prints."""
    done = subprocess.run(words, env=environ, input=given, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def store(tmp_path: Path, environ: dict[str, str]) -> Path:
    """A store with two entries, one of several lines in a folder."""
    path = tmp_path / "store"
    path.mkdir()
    (path / ".gpg-id").write_text("t@example.com\n")
    encrypt(path / "mail.gpg", f"{CANARY}\n".encode(), environ)
    encrypt(path / "web/site.gpg", f"{CANARY} 2\nuser: app\n".encode(), environ)
    return path


def encrypt(path: Path, plain: bytes, environ: dict[str, str]) -> None:
    """Write an entry as pass does."""
    path.parent.mkdir(exist_ok=True, parents=True)
    words = ["gpg", "--batch", "--quiet", "--encrypt", "--recipient", "t@example.com"]
    path.write_bytes(run(words, environ, plain))


def imported(world: World, environ: dict[str, str], path: Path, *words: str) -> Ended:
    """Run ``import`` with the variables of whoever has the key."""
    given = {**world.context.environ, **environ, "HOME": str(world.home)}
    done = ended(world, "import", str(path), *words, context=world.context._replace(environ=given))
    assert CANARY not in done.stdout + done.stderr
    return done


def value(service: Service, name: str) -> object:
    """Return the current value of a secret."""
    found = service("GetSecretValue", SecretId=name)
    return found.get("SecretString", found.get("SecretBinary"))


@needs_gpg
def test_a_store_of_pass_is_imported(
    world: World, service: Service, store: Path, environ: dict[str, str]
) -> None:
    """One line without its end, several as they stand, bytes as bytes; hidden files are none."""
    encrypt(store / "key.gpg", b"\0\xff", environ)
    (store / ".git").mkdir()
    (store / ".git/x.gpg").write_text("no entry")
    (store / "README").write_text("no entry")
    (store / "web/.gpg-id").write_text("t@example.com\n")
    assert imported(world, environ, store, "--format", "pass", "--prefix", "p/").stdout == (
        "3 created\n"
    )
    assert value(service, "p/mail") == CANARY
    assert value(service, "p/web/site") == f"{CANARY} 2\nuser: app\n"
    assert value(service, "p/key") == b"\0\xff"
    done = imported(world, environ, store, "--format", "pass", "--name", "f/{}", "--first-line")
    assert done.status == 0
    assert value(service, "f/web/site") == f"{CANARY} 2"


@needs_pass
def test_what_pass_itself_inserts_is_what_is_imported(
    world: World, service: Service, tmp_path: Path, environ: dict[str, str]
) -> None:
    """Its own store, and a link that it follows."""
    path = tmp_path / "own"
    given = {**environ, "PASSWORD_STORE_DIR": str(path)}
    run(["pass", "init", "t@example.com"], given)
    run(["pass", "insert", "--echo", "a/b"], given, b"it's $x\n")
    run(["pass", "insert", "--multiline", "many"], given, b"one\ntwo")
    (path / "link.gpg").symlink_to("a/b.gpg")
    linked = tmp_path / "linked"
    linked.symlink_to(path)
    assert imported(world, environ, linked, "--format", "pass").stdout == "3 created\n"
    assert [value(service, name) for name in ("a/b", "link", "many")] == [
        *("it's $x", "it's $x", "one\ntwo"),
    ]


@needs_gpg
def test_what_leads_astray_in_a_store_is_refused(
    world: World, service: Service, store: Path, environ: dict[str, str], tmp_path: Path
) -> None:
    """Links out of it, links to folders, pipes; and what is no store."""
    outside = tmp_path / "outside.gpg"
    encrypt(outside, b"x", environ)
    for link, target, why in (
        ("out.gpg", outside, "'out.gpg' in the store leads out of the store"),
        ("again", store / "web", "'again' in the store is a link to a folder"),
        ("gone.gpg", store / "nowhere", "'gone.gpg' in the store is no file"),
    ):
        (store / link).symlink_to(target)
        done = imported(world, environ, store, "--format", "pass")
        assert (done.status, why in done.stderr) == (252, True)
        (store / link).unlink()
    os.mkfifo(store / "pipe.gpg")
    done = imported(world, environ, store, "--format", "pass")
    assert "'pipe.gpg' in the store is no file" in done.stderr
    (store / "pipe.gpg").unlink()
    (store / ".gpg-id").unlink()
    assert "it is no store of pass" in imported(world, environ, store, "--format", "pass").stderr
    assert service("ListSecrets")["SecretList"] == []


@needs_gpg
def test_an_entry_that_cannot_be_decrypted_is_named(
    world: World, service: Service, store: Path, environ: dict[str, str]
) -> None:
    """And nothing is imported; so it is where there is no gpg."""
    (store / "broken.gpg").write_bytes(b"nothing that gpg made")
    done = imported(world, environ, store, "--format", "pass")
    assert done.status == 252
    assert "gpg could not decrypt 'broken': exit status 2" in done.stderr
    bare = {**environ, "PATH": str(world.home)}
    assert "there is no program 'gpg'" in imported(world, bare, store, "--format", "pass").stderr
    assert service("ListSecrets")["SecretList"] == []


@pytest.fixture
def sealed(tmp_path: Path, environ: dict[str, str]) -> Path:
    """A folder of files that sops encrypted."""
    plain = {
        "app.yaml": f"a: it's {CANARY}\nport: 5432\nnested: {{b: x}}\n",
        "app.json": '{"a": "x", "b": "y\\nz"}',
        ".env": "A=x y\nB=two\n",
        "app.ini": "top=1\n[db]\nuser=app\n",
        "token.txt": f"{CANARY}\n",
    }
    found = run(["gpg", "--list-keys", "--with-colons"], environ).decode()
    key = next(line for line in found.splitlines() if line.startswith("fpr")).split(":")[9]
    for name, text in plain.items():
        path = tmp_path / name
        path.write_text(text)
        path.write_bytes(run([str(SOPS), "--encrypt", "--pgp", key, str(path)], environ))
        assert CANARY not in path.read_text()
    return tmp_path


@needs_sops
def test_a_file_of_sops_is_imported(
    world: World, service: Service, sealed: Path, environ: dict[str, str]
) -> None:
    """By what its name says it is; of another kind it is one entry."""
    for name, said in (
        ("app.yaml", "3 created\n"),
        ("app.json", "2 created\n"),
        (".env", "2 created\n"),
        ("app.ini", "2 created\n"),
        ("token.txt", "1 created\n"),
    ):
        prefix = f"{name.strip('.')}/"
        done = imported(world, environ, sealed / name, "--format", "sops", "--prefix", prefix)
        assert done == (0, said, "")
    assert {
        name: value(service, name)
        for name in ("app.yaml/a", "app.yaml/port", "app.yaml/nested", "app.json/b", "env/A")
    } == {
        "app.yaml/a": f"it's {CANARY}",
        "app.yaml/port": "5432",
        "app.yaml/nested": '{"b":"x"}',
        "app.json/b": "y\nz",
        "env/A": "x y",
    }
    assert value(service, "app.ini/db/user") == "app"
    assert value(service, "app.ini/top") == "1"
    assert value(service, "token.txt/token") == f"{CANARY}\n"


@needs_sops
def test_a_file_that_sops_cannot_decrypt_is_refused(
    world: World, service: Service, sealed: Path, environ: dict[str, str]
) -> None:
    """One that is not encrypted, one that was changed, and where there is no sops."""
    (sealed / "plain.yaml").write_text("a: x\n")
    done = imported(world, environ, sealed / "plain.yaml", "--format", "sops")
    assert done.status == 252
    assert "sops could not decrypt" in done.stderr
    text = (sealed / "app.json").read_text()
    (sealed / "app.json").write_text(text.replace('"b"', '"c"', 1))
    assert imported(world, environ, sealed / "app.json", "--format", "sops").status == 252
    bare = {**environ, "PATH": str(world.home)}
    done = imported(world, bare, sealed / "app.yaml", "--format", "sops")
    assert "there is no program 'sops'" in done.stderr
    assert "sops --decrypt --output-type json" in done.stderr
    assert service("ListSecrets")["SecretList"] == []


@pytest.mark.usefixtures("service")
@pytest.mark.parametrize("form", ["sops", "pass"])
def test_no_program_is_run_for_standard_input(world: World, form: str) -> None:
    """There is a file to give, or a folder."""
    done = ended(world, "import", "-", "--format", form)
    assert done.status == 252
    assert f"{form} is not read from standard input" in done.stderr
