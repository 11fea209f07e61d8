"""Where a manifest is looked for, and which is followed."""

import os
from pathlib import Path

import pytest

from secretctl.cli import manifest_file
from secretctl.cli.toml_text import line_of
from secretctl.delivery.manifest import Manifest
from secretctl.errors import ConfigError, UnsafePermissionsError, UsageError
from tests.conftest import World
from tests.faults.commands import separately

CANARY = "canary-08d1"
TEXT = '[variables]\nA = "a"\n[environments.ci]\nB = "b"\n'
NOBODY = 12345
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")


@pytest.fixture
def project(world: World, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in the home, two above the present one, with a manifest."""
    folder = world.home / "project"
    (folder / "src/deep").mkdir(parents=True)
    (folder / "secretctl.toml").write_text(TEXT)
    monkeypatch.chdir(folder / "src/deep")
    return folder


def load(world: World, path: str | None = None, env: str | None = None, **more: str) -> Manifest:
    """Load the manifest that holds, with variables of the environment."""
    context = world.context._replace(environ={**world.context.environ, **more})
    return manifest_file.load(path, env, context, "FORM")


def test_the_nearest_above_holds(world: World, project: Path) -> None:
    """Upwards from the present folder, the first that is met."""
    assert load(world).path == str(project / "secretctl.toml")
    nearer = project / "src/secretctl.toml"
    nearer.write_text('[variables]\nNEAR = "n"\n')
    assert load(world).path == str(nearer)


def test_the_home_folder_is_looked_in_and_nothing_above(world: World, project: Path) -> None:
    """One in the home folder holds; above it, even one's own does not."""
    (project / "secretctl.toml").unlink()
    (world.home / "secretctl.toml").write_text(TEXT)
    assert load(world).path == str(world.home / "secretctl.toml")
    (world.home / "secretctl.toml").rename(world.home.parent / "secretctl.toml")
    with pytest.raises(UsageError, match=r"there is no 'secretctl\.toml'") as caught:
        load(world)
    assert caught.value.hints[0] == "FORM"
    assert "printf" in caught.value.hints[-1]


def test_without_a_home_the_root_is_the_end(world: World, project: Path) -> None:
    """A service without HOME finds it as well; where there is none, that is said."""
    assert load(world, HOME="").path == str(project / "secretctl.toml")
    (project / "secretctl.toml").unlink()
    with pytest.raises(UsageError):
        load(world, HOME="/nowhere")


def test_a_folder_that_is_gone_has_none(world: World, project: Path) -> None:
    """The present folder was removed."""
    (project / "src/deep").rmdir()
    with pytest.raises(UsageError, match="not there any more"):
        load(world)


def test_what_anybody_may_write_is_not_followed(world: World, project: Path) -> None:
    """A file or its folder; a group may, as it may write the program."""
    path = project / "secretctl.toml"
    path.chmod(0o664)
    project.chmod(0o775)
    assert load(world).path
    path.chmod(0o666)
    with pytest.raises(UnsafePermissionsError, match="is not followed: others may write") as caught:
        load(world)
    assert caught.value.hints[-1] == f"if you trust what it says: --manifest {path}"
    assert load(world, str(path)).path
    path.chmod(0o644)
    project.chmod(0o777)
    with pytest.raises(UnsafePermissionsError, match="everybody may write to the folder"):
        load(world)
    project.chmod(0o1777)
    assert load(world).path


@AS_ROOT
def test_what_somebody_else_planted_is_not_followed(world: World, project: Path) -> None:
    """In a folder such as /tmp: a file or a link of another user, whatever it says."""
    project.chmod(0o1777)
    path = project / "secretctl.toml"
    os.chown(path, NOBODY, -1)
    with pytest.raises(UnsafePermissionsError, match=r"is not followed: .* another user"):
        load(world)
    path.rename(project / "other")
    os.chown(project / "other", 0, -1)
    path.symlink_to("other")
    assert load(world).path == str(path)
    os.chown(path, NOBODY, -1, follow_symlinks=False)
    with pytest.raises(UnsafePermissionsError, match=r"is not followed: .* another user"):
        load(world)
    assert load(world, str(path)).path == str(path)


@AS_ROOT
def test_the_search_ends_at_a_folder_of_another_user(world: World, project: Path) -> None:
    """Nothing in it holds, and nothing above it."""
    os.chown(project / "src", NOBODY, -1)
    with pytest.raises(UsageError) as caught:
        load(world)
    ended = f"the search ended at '{project / 'src'}', which belongs to another user"
    assert ended in caught.value.hints
    (project / "src/secretctl.toml").write_text(TEXT)
    with pytest.raises(UnsafePermissionsError, match=r"is not followed: the folder .* user"):
        load(world)


@pytest.mark.parametrize("kind", ["folder", "pipe", "nothing"])
def test_what_is_no_file_is_no_manifest(world: World, project: Path, kind: str) -> None:
    """It is refused, and nobody waits for a pipe."""
    path = project / "secretctl.toml"
    path.unlink()
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path, 0o600)
    else:
        path.symlink_to("nothing")
    with pytest.raises(ConfigError, match="cannot be read"):
        load(world)


@pytest.mark.usefixtures("project")
def test_an_environment_is_chosen_by_option_or_variable(world: World) -> None:
    """The option goes before the variable; an empty one chooses none."""
    assert load(world).environment == ""
    assert load(world, env="ci").environment == "ci"
    assert load(world, SECRETCTL_ENVIRONMENT="ci").environment == "ci"
    assert load(world, env="", SECRETCTL_ENVIRONMENT="ci").environment == ""
    assert load(world, SECRETCTL_ENVIRONMENT="").environment == ""
    with pytest.raises(UsageError, match="no environment of that name") as caught:
        load(world, SECRETCTL_ENVIRONMENT="dev")
    assert caught.value.hints[-1] == "it is named by SECRETCTL_ENVIRONMENT"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            f'[variables]\n\nA = {{secret = "a", x = "{CANARY}"}}\n',
            "line 3: variables.A.x: unknown",
        ),
        (f'{TEXT}\n[variables.B]\nsecret = "b"\ntype = "{CANARY}"\n', "line 8: variables.B.type"),
        (f'[variables.A]\nsecret = """\n\na"""\npattern = "{CANARY}("', "line 5: variables.A.pat"),
        (f'[variables.A]\ntype = """\n{CANARY}\n"""\nsecret="a"', "line 2: variables.A.type"),
        (f"[variables]\nA = {CANARY}\n", "is not valid TOML (line 2)"),
        (f'[variables]\nA = "{CANARY}"\nA = "{CANARY}"\n', "is not valid TOML (line 3)"),
        ('[variables]\nA = "a\n', "is not valid TOML (line 2)"),
        (f"{'a.' * 100}a = 1", "more than 64 dots in line 1"),
        (f'# {"x" * 70_000}\n[variables]\nA = "a"', "larger than 64 KiB"),
        ("[variables]\nA = " + "[" * 30_000, "is not valid TOML"),
    ],
)
def test_refusals_name_file_line_and_key(world: World, project: Path, text: str, said: str) -> None:
    """And never what stands there."""
    path = project / "secretctl.toml"
    path.write_text(text)
    for given in (None, str(path)):
        with pytest.raises(ConfigError) as caught:
            load(world, given)
        assert said in caught.value.message
        assert str(path) in caught.value.message
        assert CANARY not in " ".join((caught.value.message, *caught.value.hints))


def test_a_byte_order_mark_is_no_part_of_it(world: World, project: Path) -> None:
    """Editors on Windows write one; places are told as without it."""
    path = project / "secretctl.toml"
    path.write_text(f"\ufeff{TEXT}")
    assert load(world, env="ci").environment == "ci"
    path.write_text(f"\ufeff{TEXT}X = 1\n")
    with pytest.raises(ConfigError, match=r"line 5: environments\.ci\.X"):
        load(world)


def test_lines_are_found_in_time() -> None:
    """In a large file, or not at all in one that makes it hard."""
    large = "[variables]\n" + "".join(f'A{number} = "a"\n' for number in range(3000))
    assert line_of(large.encode(), ("variables", "A2345")) == 2347
    assert line_of(large.encode(), ("variables", "none")) == 0
    assert line_of(large.encode(), ()) == 0
    hard = "[variables]\nA = '''\n" + "\n" * 60_000 + "'''\nB = 1\n"
    assert line_of(hard.encode(), ("variables", "B")) in (0, 60_004)


def test_a_file_that_is_named_is_read_like_any_other(world: World, tmp_path: Path) -> None:
    """From wherever one is; one that is not there is an error."""
    path = tmp_path / "other.toml"
    path.write_text(TEXT)
    assert load(world, str(path)).path == str(path)
    missing = tmp_path / "none"
    with pytest.raises(UsageError) as caught:
        load(world, str(missing))
    said = f"argument --manifest: '{missing}' cannot be read: No such file or directory"
    assert caught.value.message == said


def test_a_manifest_is_read_from_standard_input(world: World, project: Path) -> None:
    """For ``-``, as with import and inject; a file of that name is not meant."""
    (project / "src/deep/-").write_text("no manifest")
    words = ["check", "--manifest", "-", "--environment", "dev"]
    done = separately(world, words, stdin=TEXT)
    assert "hint: environments: ci" in done.stderr
