"""Where there is no vault: what is said, and what is made."""

import io
import os
from pathlib import Path

import pytest

from secretctl.__main__ import main
from tests.conftest import World

CONFIG = '[profile.p3]\nvault = "{home}/third"\n[profile.plain]\nregion = "eu-west-1"\n'
CHOICES = {
    "nothing": ([], "", "secretctl init"),
    "flag": (["--vault", "{home}/v 8"], "", "secretctl init --vault '{home}/v 8'"),
    "environment": ([], "{home}/v9", "secretctl init --vault {home}/v9"),
    "profile": (["--profile", "p3"], "", "secretctl init --profile p3"),
    "profile-without-vault": (["--profile", "plain"], "", "secretctl init --profile plain"),
    "flag-over-profile": (
        ["--profile", "p3", "--vault", "{home}/v8"],
        "",
        "secretctl init --vault {home}/v8 --profile p3",
    ),
}
COMMANDS = ("list-secrets", "exec a -- true", "status", "fsck", "unlock-slot list")


def said(words: list[str], world: World, **environ: str) -> tuple[int, str]:
    """Return the exit status of a command line and what it writes to standard error."""
    stderr = io.StringIO()
    around = {**world.context.environ, **environ}
    status = main(words, world.context._replace(stderr=stderr, environ=around))
    return status, stderr.getvalue()


def hint_of(text: str) -> str:
    """Return the one hint in *text*."""
    (hint,) = [line for line in text.splitlines() if line.startswith("secretctl: hint: ")]
    return hint.removeprefix("secretctl: hint: ")


@pytest.fixture
def configured(world: World) -> World:
    """A home with two profiles."""
    folder = world.home / ".config/secretctl"
    folder.mkdir(parents=True, mode=0o700)
    (folder / "config.toml").write_text(CONFIG.format(home=world.home))
    (folder / "config.toml").chmod(0o600)
    return world


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(("options", "variable", "expected"), CHOICES.values(), ids=CHOICES)
def test_hint_is_the_command_that_makes_the_chosen_vault(
    configured: World, command: str, options: list[str], variable: str, expected: str
) -> None:
    """After it, the same command finds a vault."""
    home = str(configured.home)
    given = [option.format(home=home) for option in options]
    environ = {"SECRETCTL_VAULT": variable.format(home=home)}
    status, text = said([*given, *command.split()], configured, **environ)
    assert (status, hint_of(text)) == (253, expected.format(home=home))


def test_directory_without_a_vault_is_left_alone(world: World, tmp_path: Path) -> None:
    """No chmod is advised for what is no vault of ours."""
    folder = tmp_path / "etc"
    folder.mkdir()
    folder.chmod(0o755)
    (folder / "passwd").touch()
    status, text = said(["--vault", str(folder), "list-secrets"], world)
    assert status == 253
    assert f"there is no vault in '{folder}'" in text
    assert "chmod" not in text
    status, text = said(["--vault", str(folder / "passwd"), "list-secrets"], world)
    assert status == 253
    assert f"there is no vault in '{folder}/passwd'" in text
    assert hint_of(text) == "a vault is a directory: --vault DIR"
    status, text = said(["init", "--vault", str(folder)], world)
    assert status == 253
    assert "chmod" not in text
    assert os.listdir(folder) == ["passwd"]


CREATE = ["create-secret", "--name", "a", "--secret-string", "v"]


def test_create_secret_makes_the_default_vault_alone(configured: World) -> None:
    """A vault that somebody chose may be mistyped: it is named, not made."""
    typo = str(configured.home / "typo")
    for words, environ in (
        (["--vault", typo, *CREATE], {}),
        (CREATE, {"SECRETCTL_VAULT": typo}),
        (["--profile", "p3", *CREATE], {}),
    ):
        status, text = said(words, configured, **environ)
        assert status == 253
        assert hint_of(text).startswith("secretctl init --")
    assert not os.path.exists(typo)
    assert not (configured.home / "third").exists()
    assert said(["--profile", "plain", *CREATE], configured)[0] == 0
    assert os.path.exists(configured.directory)


REFUSED = {
    "name": ["--name", "a b", "--secret-string", "v"],
    "name-too-long": ["--name", "a" * 513, "--secret-string", "v"],
    "token": ["--name", "a", "--client-request-token", "?" * 40],
    "tags": ["--name", "a", "--tags", "Key=k", "Key=k"],
    "own-region": ["--name", "a", "--add-replica-regions", "Region=us-east-1"],
    "two-values": ["--name", "a", "--secret-string", "v", "--secret-binary", "dg=="],
    "value-too-long": ["--name", "a", "--secret-string", "v" * 65537],
}


@pytest.mark.parametrize("words", REFUSED.values(), ids=REFUSED)
def test_what_is_refused_makes_no_vault(world: World, words: list[str]) -> None:
    """A first secret that AWS would not take leaves nothing behind, and has AWS's error."""
    status, text = said(["create-secret", *words], world)
    assert status == 254
    assert "when calling the CreateSecret operation" in text
    assert list(world.home.iterdir()) == []


def test_a_vault_that_was_moved_aside_is_pointed_to(world: World) -> None:
    """The newest one, by the command that puts it back; none is made in its place unasked."""
    for number in (2, 10):
        os.makedirs(f"{world.directory}.replaced-{number}", 0o700)
        Path(f"{world.directory}.replaced-{number}", "vault.db").touch()
    for words in (["list-secrets"], CREATE):
        status, text = said(words, world)
        assert status == 253
        move = f"secretctl: hint: mv {world.directory}.replaced-10 {world.directory}, to have back"
        assert move in text
        assert "secretctl: hint: secretctl init\n" in text
    assert not os.path.exists(world.directory)
