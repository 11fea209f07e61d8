"""Where files lie."""

import subprocess
import sys
from pathlib import Path

import pytest

import secretctl
from secretctl.cli import places
from secretctl.errors import ConfigError


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """Return an environment with a home folder alone."""
    return {"HOME": str(tmp_path)}


def test_defaults_lie_below_home(home: dict[str, str]) -> None:
    """Without XDG variables the specification's defaults hold."""
    top = home["HOME"]
    assert places.data_dir(home) == f"{top}/.local/share/secretctl"
    assert places.config_dir(home) == f"{top}/.config/secretctl"
    assert places.default_vault(home) == f"{top}/.local/share/secretctl/default"
    assert places.key_file(home, "00ff") == f"{top}/.config/secretctl/keys/00ff.key"
    assert places.config_file(home) == f"{top}/.config/secretctl/config.toml"


def test_xdg_variables_are_followed_without_home() -> None:
    """Absolute XDG folders are used as they are; then HOME is not asked for."""
    environ = {"XDG_DATA_HOME": "/d", "XDG_CONFIG_HOME": "/c"}
    assert places.default_vault(environ) == "/d/secretctl/default"
    assert places.key_file(environ, "ab") == "/c/secretctl/keys/ab.key"


@pytest.mark.parametrize("value", ["", "relative", "./x", "~/x"])
def test_relative_xdg_variable_is_ignored(home: dict[str, str], value: str) -> None:
    """The specification: a path that is not absolute is to be ignored."""
    expected = f"{home['HOME']}/.local/share/secretctl"
    assert places.data_dir(home | {"XDG_DATA_HOME": value}) == expected


@pytest.mark.parametrize("folder", [None, "", "relative", "/", "//", "/no/such/home", "/a\nb"])
def test_unusable_home_is_refused(folder: str | None) -> None:
    """No folder below the working folder, and none below /, is ever chosen by accident."""
    environ = {} if folder is None else {"HOME": folder}
    for place in (places.data_dir, places.config_dir, places.default_vault):
        with pytest.raises(ConfigError) as caught:
            place(environ)
        assert caught.value.hints


def test_control_character_in_a_place_is_refused(home: dict[str, str]) -> None:
    """A newline in a variable that names a folder is an accident or an attack."""
    with pytest.raises(ConfigError, match="XDG_DATA_HOME"):
        places.data_dir(home | {"XDG_DATA_HOME": "/a\nb"})


def test_config_file_can_be_chosen(home: dict[str, str]) -> None:
    """SECRETCTL_CONFIG names it, absolutely: never a file of the working folder."""
    assert places.config_file({"SECRETCTL_CONFIG": "/x/y.toml"}) == "/x/y.toml"
    with pytest.raises(ConfigError, match="SECRETCTL_CONFIG"):
        places.config_file(home | {"SECRETCTL_CONFIG": "y.toml"})


def test_elsewhere_platformdirs_names_the_places() -> None:
    """On another system than Linux the folder is platformdirs'."""
    code = (
        "import sys; sys.platform = 'darwin'\n"
        "from secretctl.cli import places\n"
        "print(places.data_dir({}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=True,
        cwd=Path(secretctl.__file__).parents[1],
        env={"HOME": "/Users/u"},
        text=True,
    )
    assert done.stdout == "/Users/u/Library/Application Support/secretctl\n"
