"""The configuration file and what is chosen from it."""

import os
import stat
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest

import secretctl
from secretctl.cli import config, config_file
from secretctl.cli.config_values import CREDENTIAL, KEYS
from secretctl.cli.options import Globals
from secretctl.errors import ConfigError, SecretctlError, UnsafePermissionsError, UsageError

CANARY = "canary-90ce"

SETTINGS = f"settings: {', '.join(KEYS)}"


class Place:
    """A home folder with a configuration file."""

    def __init__(self, home: Path) -> None:
        """Use *home* for HOME."""
        self.path = home / ".config/secretctl/config.toml"
        self.environ = {"HOME": str(home)}

    def write(self, text: str | bytes, mode: int = 0o600) -> None:
        """Write the file."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_bytes(text if isinstance(text, bytes) else text.encode())
        self.path.chmod(mode)

    def settings(
        self, profile: str | None = None, given: Globals | None = None, **environ: str
    ) -> config.Settings:
        """Return what holds."""
        surroundings = self.environ | environ
        return config.settings(config.load(surroundings), profile, given or Globals(), surroundings)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Return a home folder without a configuration file."""
    return Place(tmp_path)


FULL = """
vault = "/top/vault"
region = "eu-west-1"
output = "text"
account = "123456789012"

[profile.work]
vault = "~/work"
region = "eu-north-1"

[profile."a.b"]
output = "yaml"
"""


def test_defaults_hold_without_a_file(place: Place) -> None:
    """An absent file is an empty one."""
    vault = place.environ["HOME"] + "/.local/share/secretctl/default"
    assert place.settings() == config.Settings(vault, "us-east-1", "json", None, None, "default")


def test_vault_is_enough_without_a_home() -> None:
    """Without HOME a vault given by flag or variable still opens, and none is made up."""
    found = config.settings(config.load({}), None, Globals(vault="/v"), {})
    assert (found.vault, found.region) == ("/v", "us-east-1")
    with pytest.raises(ConfigError, match="HOME"):
        config.settings(config.load({}), None, Globals(), {})


def test_top_level_and_profile_are_read(place: Place) -> None:
    """A profile's keys win over the top level, which holds for the rest."""
    place.write(FULL)
    account = "123456789012"
    top = config.Settings("/top/vault", "eu-west-1", "text", account, None, "config-file")
    assert place.settings() == top._replace(region_chosen="config-file")
    work = place.environ["HOME"] + "/work"
    expected = config.Settings(work, "eu-north-1", "text", account, "work", "config-file")
    assert place.settings("work") == expected._replace(region_chosen="config-file")
    assert place.settings(SECRETCTL_PROFILE="a.b").output == "yaml"
    assert place.settings("default", SECRETCTL_PROFILE="work").profile is None


@pytest.mark.parametrize(
    ("field", "given", "environ", "expected"),
    [
        (
            "region",
            Globals(region="f-1"),
            {"AWS_REGION": "e-1", "AWS_DEFAULT_REGION": "d-1"},
            "f-1",
        ),
        ("region", None, {"AWS_REGION": "e-1", "AWS_DEFAULT_REGION": "d-1"}, "e-1"),
        ("region", None, {"AWS_REGION": "", "AWS_DEFAULT_REGION": "d-1"}, "d-1"),
        ("region", None, {}, "eu-north-1"),
        ("output", Globals(output="off"), {"SECRETCTL_OUTPUT": "yaml"}, "off"),
        ("output", None, {"SECRETCTL_OUTPUT": "yaml", "AWS_DEFAULT_OUTPUT": "table"}, "yaml"),
        ("output", None, {"AWS_DEFAULT_OUTPUT": "table"}, "table"),
        ("output", None, {}, "text"),
        ("vault", Globals(vault="/flag"), {"SECRETCTL_VAULT": "/env"}, "/flag"),
        ("vault", None, {"SECRETCTL_VAULT": "/env"}, "/env"),
    ],
)
def test_flag_beats_environment_beats_file(
    place: Place, field: str, given: Globals | None, environ: dict[str, str], expected: str
) -> None:
    """Flag, environment, profile, top level: the first found holds."""
    place.write(FULL)
    assert getattr(place.settings("work", given, **environ), field) == expected


def test_relative_vault_of_flag_is_made_absolute(place: Place) -> None:
    """--vault DIR is as seen from the working folder."""
    assert place.settings(None, Globals(vault="v")).vault == str(Path.cwd() / "v")


def test_unknown_profile_is_refused_with_the_nearest(place: Place) -> None:
    """The exit status is AWS's; the hints name the one that is there, and how this one is made."""
    place.write(FULL)
    with pytest.raises(ConfigError) as caught:
        place.settings("wrok")
    assert caught.value.message == "there is no profile 'wrok' in the configuration file"
    assert caught.value.hints == (
        "did you mean work?",
        "secretctl configure set vault DIR --profile wrok",
    )
    assert caught.value.exit_status == 253


@pytest.mark.parametrize(
    ("text", "hints"),
    [
        ("region = ", ["mend it, or begin anew: mv {path} {path}.old"]),
        ("[profiles.work]", ["a profile is headed [profile.NAME]", "edit {path}"]),
        ("colour = 'x'", [SETTINGS, "edit {path}"]),
        ("[profile]\nx = 1", ["edit {path}"]),
        ("[profile.'a b']\nregion = 1", ['for example region = "eu-west-1"', "edit {path}"]),
        ("region = 'no region'", ["for example: secretctl configure set region eu-west-1"]),
        ("[audit]\nnames = 'x'", ["for example: secretctl configure set audit.names hmac"]),
    ],
)
def test_every_fault_of_the_file_has_a_hint(place: Place, text: str, hints: list[str]) -> None:
    """Whoever wrote it is told how it is written."""
    place.write(text)
    with pytest.raises(ConfigError) as caught:
        place.settings()
    assert [*caught.value.hints] == [hint.format(path=place.path) for hint in hints]


@pytest.mark.parametrize("profile", ["", "work", "default"])
@pytest.mark.parametrize(
    "text",
    [
        "output = 'xml'",
        "region = 1",
        "account = 12\noutput = 'xml'\nvault = 'v'",
        "[audit]\nnames = 'n'",
        "[profile.work]\nregion = 'X'",
        "[profile.'a.b']\noutput = ['json']",
        "[profile.-x.audit]\nnames = ''",
        "[profile.work]\nvault = ''\n[profile.play]\naccount = ''",
    ],
)
def test_hinted_commands_mend_what_is_wrong(place: Place, text: str, profile: str) -> None:
    """One after the other, whatever profile the environment chooses; what is right stays."""
    place.write(text + "\n[profile.kept]\nregion = 'eu-west-3'\n")
    environ = place.environ | {"SECRETCTL_PROFILE": profile}
    for _ in range(text.count("=")):
        with pytest.raises(ConfigError) as caught:
            config.get(environ, "profile.kept.region")
        (hint,) = caught.value.hints
        *_, key, value = hint.split()
        assert hint == f"for example: secretctl configure set {key} {value}"
        config.set_(environ, key, value)
    assert config.get(environ, "profile.kept.region") == "eu-west-3"


def test_what_means_nothing_stays_until_it_is_set(place: Place) -> None:
    """A change is of one setting; a table that is none, and a key in quotation marks, make way."""
    place.write('audit = "hmac"\n"audit.names" = "hmac"\ncolour = 1\nprofile = "work"\n')
    config.set_(place.environ, "audit.names", "plain")
    config.set_(place.environ, "region", "eu-west-1", "work")
    assert tomllib.loads(place.path.read_text()) == {
        "audit": {"names": "plain"},
        "colour": 1,
        "profile": {"work": {"region": "eu-west-1"}},
    }


def test_file_too_deep_to_be_written_stays(place: Place) -> None:
    """What can be read, but not written again, ends in an error of ours: Python says which."""
    text = "x = " + "[" * 250 + "]" * 250
    place.write(text)
    with pytest.raises(ConfigError, match=r"too deep|larger than 64 KiB"):
        config.set_(place.environ, "region", "eu-west-1")
    assert place.path.read_text() == text


@pytest.mark.parametrize("mode", [0o620, 0o602])
def test_file_others_may_write_is_not_changed(place: Place, mode: int) -> None:
    """Whatever they wrote would otherwise be taken over as the user's own."""
    place.write(FULL, mode)
    with pytest.raises(UnsafePermissionsError):
        config.set_(place.environ, "region", "eu-west-1")
    assert place.path.read_text() == FULL


def test_fault_of_an_option_has_an_example(place: Place) -> None:
    """A region that is none is answered by one that is."""
    with pytest.raises(ConfigError) as caught:
        place.settings(given=Globals(region="bogus region"))
    assert caught.value.hints == ("for example --region eu-west-1",)


def test_hostile_profile_name_is_shown_safely(place: Place) -> None:
    """No escape sequence reaches the terminal by way of a profile's name."""
    with pytest.raises(ConfigError) as caught:
        place.settings("\x1b[2J" + "x" * 100)
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 120


@pytest.mark.parametrize(
    "name", ["AWS_REGION", "AWS_DEFAULT_REGION", "SECRETCTL_OUTPUT", "AWS_DEFAULT_OUTPUT"]
)
def test_meaningless_environment_is_named(place: Place, name: str) -> None:
    """The variable is named, its value is not repeated."""
    with pytest.raises(ConfigError) as caught:
        place.settings(None, None, **{name: f"No {CANARY}"})
    assert name in caught.value.message
    assert CANARY not in caught.value.message


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (f'regoin = "{CANARY}"', "'regoin'"),
        (f'[profile.p]\nregoin = "{CANARY}"', "'profile.p.regoin'"),
        ("region = 1", "'region'"),
        ("account = 123456789012", "'account'"),
        (f'account = "{CANARY}"', "'account'"),
        (f'output = "{CANARY}"', "'output'"),
        (f'region = "{CANARY} "', "'region'"),
        (f'vault = "{CANARY}"', "'vault'"),
        (f'vault = "/a\\n{CANARY}"', "'vault'"),
        (f'[profile]\np = "{CANARY}"', "'profile.p'"),
        (f'profile = "{CANARY}"', "'profile'"),
        ('[profile.default]\nregion = "eu-west-1"', "'default'"),
        (f'[other]\nx = "{CANARY}"', "'other'"),
        ('[profile.p]\nregion = "a-1"\n[profile.p]', "line 3"),
        (f'region = "{CANARY}', "end of document"),
        (f"region = {CANARY}", "line 1"),
        (f'a = "b"\n{CANARY}', "end of document"),
        ("x = " + "[" * 60_000, "TOML"),
        (b"region = '\xff'", "TOML"),
        ("#" * (64 * 1024 + 1), "64 KiB"),
        ('region = "eu-west-1"\n' + "a." * 65 + "a = 1", "line 2"),
    ],
)
def test_bad_file_is_named_and_not_repeated(place: Place, text: str | bytes, named: str) -> None:
    """The key or the line is named; what stands there is not."""
    place.write(text)
    with pytest.raises(ConfigError) as caught:
        config.load(place.environ)
    said = " ".join((caught.value.message, *caught.value.hints))
    assert named in said
    assert CANARY not in said
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_file_others_may_write_is_refused(place: Place, mode: int) -> None:
    """It chooses the vault; reading it is no harm."""
    place.write(FULL, mode)
    with pytest.raises(UnsafePermissionsError) as caught:
        config.load(place.environ)
    assert "chmod go-w" in caught.value.hints[0]
    place.write(FULL, 0o644)
    assert config.load(place.environ).top["region"] == "eu-west-1"


def test_owner_is_the_user_or_root() -> None:
    """A file, or a link to one, that belongs to somebody else is refused."""
    for kind, link in ((stat.S_IFREG, False), (stat.S_IFLNK, True)):
        for owner in (os.geteuid(), 0):
            config_file.check_owner("/c", status(kind | 0o600, owner), link=link)
        with pytest.raises(UnsafePermissionsError, match="another user"):
            config_file.check_owner("/c", status(kind | 0o600, os.geteuid() + 1), link=link)


def status(mode: int, owner: int) -> os.stat_result:
    """Return what the system would tell of a file."""
    return os.stat_result((mode, 1, 1, 1, owner, 1, 0, 0, 0, 0))


@pytest.mark.parametrize("kind", ["folder", "fifo", "device"])
def test_what_is_no_regular_file_is_refused(place: Place, kind: str) -> None:
    """A folder, a pipe nobody writes to and a device end in an error, at once."""
    place.path.parent.mkdir(parents=True)
    if kind == "folder":
        place.path.mkdir()
    elif kind == "fifo":
        os.mkfifo(place.path, 0o600)
    else:
        place.path.symlink_to("/dev/zero")
    with pytest.raises(ConfigError, match="not a regular file"):
        config.load(place.environ)


def test_file_of_the_working_folder_is_never_read(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A repository cannot choose the vault of those who stand in it."""
    (tmp_path / "config.toml").write_text('region = "evil-1"')
    monkeypatch.chdir(tmp_path)
    assert place.settings().region == "us-east-1"
    with pytest.raises(ConfigError):
        place.settings(SECRETCTL_CONFIG="config.toml")


def test_value_is_written_and_read_back(place: Place) -> None:
    """What set writes, get, settings and a TOML reader find; the file is 0600, in 0700."""
    config.set_(place.environ, "region", "eu-west-1")
    config.set_(place.environ, "region", "eu-north-1", "work")
    config.set_(place.environ, "profile.a.b.output", "text")
    assert config.get(place.environ, "region") == "eu-west-1"
    assert config.get(place.environ, "region", "work") == "eu-north-1"
    assert config.get(place.environ, "profile.work.region") == "eu-north-1"
    assert config.get(place.environ, "output", "work") is None
    assert place.settings("a.b").output == "text"
    assert tomllib.loads(place.path.read_text()) == {
        "region": "eu-west-1",
        "profile": {"work": {"region": "eu-north-1"}, "a.b": {"output": "text"}},
    }
    assert stat.S_IMODE(place.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.path.parent.stat().st_mode) == 0o700
    assert os.listdir(place.path.parent) == ["config.toml"]


def test_profile_of_the_environment_is_written(place: Place) -> None:
    """SECRETCTL_PROFILE chooses for configure as for everything else."""
    config.set_(place.environ | {"SECRETCTL_PROFILE": "work"}, "region", "eu-west-1")
    assert config.load(place.environ).profiles == {"work": {"region": "eu-west-1"}}


def test_empty_value_takes_the_key_out(place: Place) -> None:
    """Setting nothing goes back to what holds otherwise."""
    place.write(FULL)
    config.set_(place.environ, "region", "")
    assert config.get(place.environ, "region") is None
    assert place.settings().region == "us-east-1"


@pytest.mark.parametrize(
    ("key", "value", "profile"),
    [
        ("regoin", "eu-west-1", None),
        ("profile.x.regoin", "eu-west-1", None),
        ("profile.region", "eu-west-1", None),
        ("profile.x.region", "eu-west-1", "y"),
        ("region", f"{CANARY} ", None),
        ("output", CANARY, None),
        ("account", "1", None),
        ("vault", "relative", None),
        ("region", "eu-west-1", "a\nb"),
        ("region", "eu-west-1", "x" * 65),
    ],
)
def test_bad_setting_changes_nothing(
    place: Place, key: str, value: str, profile: str | None
) -> None:
    """A setting that would not be read back is refused, its value not repeated."""
    place.write(FULL)
    with pytest.raises(UsageError) as caught:
        config.set_(place.environ, key, value, profile)
    assert CANARY not in caught.value.message
    assert place.path.read_text() == FULL


@pytest.mark.parametrize("key", ["a.a.", '"a".', "a . "])
def test_no_file_keeps_a_command_waiting(place: Place, key: str) -> None:
    """What takes the reader of TOML the square of its length is refused before it is read."""
    for text in (key * (60_000 // len(key)) + "a = 1", f"[{key * 15_000}a]"):
        place.write(text)
        start = time.process_time()
        with pytest.raises(ConfigError):
            config.load(place.environ)
        assert time.process_time() - start < 1


def test_comment_may_hold_any_number_of_dots(place: Place) -> None:
    """A line of dots is an ornament."""
    place.write("# " + "." * 78 + '\nregion = "eu-west-1"\n')
    assert place.settings().region == "eu-west-1"


def test_file_does_not_grow_beyond_what_is_read(place: Place) -> None:
    """The change that would make it unreadable is refused."""
    place.write(FULL)
    with pytest.raises(ConfigError, match="64 KiB"):
        config.set_(place.environ, "vault", "/" + "x" * 64 * 1024)
    assert place.path.read_text() == FULL


def test_bad_file_is_not_replaced(place: Place) -> None:
    """What cannot be read is left for its owner to mend."""
    place.write("region = ")
    with pytest.raises(ConfigError):
        config.set_(place.environ, "region", "eu-west-1")
    assert place.path.read_text() == "region = "


def test_link_stays_a_link(place: Place, tmp_path: Path) -> None:
    """A file kept elsewhere (dotfiles) is changed there."""
    kept = tmp_path / "dotfiles.toml"
    kept.write_text("")
    kept.chmod(0o600)
    place.path.parent.mkdir(parents=True)
    place.path.symlink_to(kept)
    config.set_(place.environ, "region", "eu-west-1")
    assert place.path.is_symlink()
    assert kept.read_text() == 'region = "eu-west-1"\n'


def test_unwritable_folder_is_a_named_error(place: Place) -> None:
    """Nowhere to write ends in an error of ours."""
    environ = place.environ | {"SECRETCTL_CONFIG": "/dev/null/config.toml"}
    with pytest.raises(SecretctlError, match="cannot be written"):
        config.set_(environ, "region", "eu-west-1")


def test_changes_at_once_are_all_kept(place: Place) -> None:
    """Two processes that set different things lose nothing of each other."""
    code = (
        "import os, sys\n"
        "from secretctl.cli import config\n"
        "for n in range(20):\n"
        "    config.set_(os.environ, 'region', 'eu-west-1', f'{sys.argv[1]}{n}')\n"
    )
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", code, letter],
            cwd=Path(secretctl.__file__).parents[1],
            env=place.environ,
        )
        for letter in "abc"
    ]
    assert [writer.wait(30) for writer in writers] == [0, 0, 0]
    assert len(config.load(place.environ).profiles) == 60


def test_listing_tells_where_each_setting_is_from(place: Place) -> None:
    """Name, value, kind and place, as ``aws configure list`` shows them."""
    environ = place.environ | {"AWS_DEFAULT_REGION": "eu-west-3"}
    home = place.environ["HOME"]
    assert config.listing(environ) == [
        ("profile", "<not set>", "None", "None"),
        ("vault", f"{home}/.local/share/secretctl/default", "default", ""),
        ("region", "eu-west-3", "env", "AWS_DEFAULT_REGION"),
        ("output", "json", "default", ""),
        ("account", "<not set>", "None", "None"),
        ("audit.names", "plain", "default", ""),
        *[(name, "<not set>", "None", "None") for name in CREDENTIAL],
    ]
    place.write(FULL)
    rows = config.listing(environ, "work")
    assert rows[0] == ("profile", "work", "manual", "--profile")
    assert rows[1] == ("vault", "~/work", "config-file", str(place.path))
    assert config.listing(environ | {"SECRETCTL_PROFILE": "work"})[0] == (
        *("profile", "work", "env"),
        "SECRETCTL_PROFILE",
    )


AUDIT = """
[audit]
names = "hmac"

[profile.work]
region = "eu-west-1"

[profile.open.audit]
names = "plain"
"""


def test_names_in_the_journal_are_set_in_a_table(place: Place) -> None:
    """[audit] holds for every profile that has none of its own; plain where nothing is set."""
    assert place.settings().names == "plain"
    place.write(AUDIT)
    assert place.settings().names == "hmac"
    assert place.settings("work").names == "hmac"
    assert place.settings("open").names == "plain"


def test_setting_in_a_table_is_written_and_read(place: Place) -> None:
    """``audit.names`` is set at the top and in a profile whose name has dots, and taken out."""
    config.set_(place.environ, "audit.names", "hmac")
    config.set_(place.environ, "profile.a.b.audit.names", "plain")
    config.set_(place.environ, "region", "eu-west-1")
    assert tomllib.loads(place.path.read_text()) == {
        "region": "eu-west-1",
        "audit": {"names": "hmac"},
        "profile": {"a.b": {"audit": {"names": "plain"}}},
    }
    assert config.get(place.environ, "audit.names") == "hmac"
    assert config.get(place.environ, "audit.names", "a.b") == "plain"
    assert place.settings("a.b").names == "plain"
    config.set_(place.environ, "audit.names", "")
    assert "audit" not in tomllib.loads(place.path.read_text())
    with pytest.raises(UsageError):
        config.set_(place.environ, "audit.names", "hashed")


@pytest.mark.parametrize(
    "text", ['audit = "hmac"', "[audit]\nname = 1", "[audit]\nnames = 1", '"audit.names" = "hmac"']
)
def test_table_of_the_journal_is_checked(place: Place, text: str) -> None:
    """A misspelled table leaves nothing in the clear by accident: it is refused."""
    place.write(text)
    with pytest.raises(ConfigError, match="audit"):
        config.load(place.environ)
