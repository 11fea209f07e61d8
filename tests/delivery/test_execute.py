"""Becoming another program: every test starts a real one."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import secretctl
from secretctl.delivery.execute import resolved

ROOT = Path(secretctl.__file__).parents[1]
CANARY = "canary-77d1"

DRIVER = """
import json, os, sys
from secretctl.context import of_process
from secretctl.delivery.execute import prepared, replace, resolved
from secretctl.errors import SecretctlError
request = json.load(open(sys.argv[1]))
restore = lambda: None
if request["umask"] is not None:
    os.umask(0o077)
    restore = lambda: os.umask(request["umask"])
print("flushed", end="")
context, argv = of_process(restore), request["argv"]
try:
    program = resolved(argv[0], context.environ)
    exec(request.get("between", ""))
    variables, pristine = request["variables"], request["pristine"]
    replace(prepared(context, variables, program, argv, pristine=pristine), context)
except SecretctlError as error:
    print(type(error).__name__, error.message, *error.hints, file=sys.stderr)
    sys.exit(error.exit_status)
"""

SHOW = "import json, os; print(json.dumps(dict(os.environ)))"


class Runner:
    """Runs programs through a fresh process."""

    def __init__(self, folder: Path) -> None:
        """Keep requests in *folder*."""
        self.folder = folder

    def __call__(
        self,
        *argv: str,
        variables: dict[str, str] | None = None,
        pristine: bool = False,
        umask: int | None = None,
        environ: dict[str, str] | None = None,
        descriptors: tuple[int, ...] = (),
        launcher: tuple[str, ...] = (),
        between: str = "",
    ) -> subprocess.CompletedProcess[bytes]:
        """Run *argv* with *variables*; *between* is done once the program is found."""
        request = self.folder / "request.json"
        content = {"variables": variables or {}, "argv": argv, "pristine": pristine}
        request.write_text(json.dumps(content | {"umask": umask, "between": between}))
        base = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
        return subprocess.run(
            [*launcher, sys.executable, "-c", DRIVER, str(request)],
            capture_output=True,
            check=False,
            cwd=self.folder,
            env=base | (environ or {}),
            pass_fds=descriptors,
            timeout=30,
        )

    def environment(
        self,
        variables: dict[str, str],
        environ: dict[str, str] | None = None,
        *,
        pristine: bool = False,
    ) -> dict[str, str]:
        """Return the environment a program sees."""
        done = self(
            *(sys.executable, "-c", SHOW), variables=variables, environ=environ, pristine=pristine
        )
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout.removeprefix(b"flushed"))
        assert isinstance(found, dict)
        return found


@pytest.fixture
def run(tmp_path: Path) -> Runner:
    """Return what runs programs."""
    return Runner(tmp_path)


@pytest.mark.parametrize("status", [0, 1, 77, 252, 255])
def test_exit_status_is_the_programs(run: Runner, status: int) -> None:
    """Whatever the program ends with is what the caller sees."""
    assert run("sh", "-c", f"exit {status}").returncode == status


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT, signal.SIGPIPE])
def test_signal_is_the_programs(run: Runner, number: signal.Signals) -> None:
    """A program ended by a signal is seen as such by the caller: nobody stands between."""
    assert run("sh", "-c", f"kill -{number.value} $$").returncode == -number


def test_process_stays_the_same(tmp_path: Path) -> None:
    """The program has the process id secretctl was started with."""
    request = tmp_path / "request.json"
    argv = ["sh", "-c", "echo :$$"]
    content = {"variables": {}, "argv": argv, "pristine": False, "umask": None}
    request.write_text(json.dumps(content))
    with subprocess.Popen(
        [sys.executable, "-c", DRIVER, str(request)], cwd=ROOT, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.read() == f"flushed:{process.pid}\n".encode()


def test_broken_pipe_ends_the_program_quietly(run: Runner) -> None:
    """SIGPIPE and SIGXFSZ, which Python ignores, are back at their defaults."""
    done = run("sh", "-c", "grep SigIgn /proc/self/status")
    ignored = int(done.stdout.split()[-1], 16)
    assert ignored & (1 << (signal.SIGPIPE - 1) | 1 << (signal.SIGXFSZ - 1)) == 0


def test_umask_is_restored(run: Runner) -> None:
    """The program creates files as it would without secretctl."""
    assert run("sh", "-c", "umask", umask=0o027).stdout.endswith(b"0027\n")


def test_program_sees_variables_and_inherited_ones(run: Runner) -> None:
    """Secrets are added, overwrite what is there, and leave the rest alone."""
    found = run.environment(
        {"NEW": "a\nb=c", "OLD": "new", "EMPTY": ""}, {"OLD": "old", "OTHER": "kept"}
    )
    assert (found["NEW"], found["OLD"], found["EMPTY"]) == ("a\nb=c", "new", "")
    assert found["OTHER"] == "kept"


def test_value_is_utf8_whatever_the_locale(run: Runner) -> None:
    """A value's bytes are its UTF-8, and an inherited variable's bytes are unchanged."""
    done = run(
        *("sh", "-c", 'printf "%s|%s" "$V" "$W"'),
        variables={"V": "\u00e9\u20ac"},
        environ={"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "W": "\udcff"},
    )
    assert done.stdout.endswith("\u00e9\u20ac|".encode() + b"\xff")


def test_own_key_variables_never_reach_the_program(run: Runner) -> None:
    """What unlocks a vault is removed; where the vault is, is not."""
    names = "PASSPHRASE PASSPHRASE_FILE PASSPHRASE_FD PASSPHRASE_COMMAND KEY KEY_FILE KEY_FD "
    names += "NEW_PASSPHRASE NEW_PASSPHRASE_FILE KEYRING"
    own = {f"SECRETCTL_{name}": CANARY for name in names.split()}
    for pristine in (False, True):
        found = run.environment({}, own | {"SECRETCTL_VAULT": "/v"}, pristine=pristine)
        assert CANARY not in found.values()
        assert ("SECRETCTL_VAULT" in found) is not pristine


def test_descriptor_of_a_passphrase_is_closed_to_the_program(run: Runner) -> None:
    """The file behind SECRETCTL_PASSPHRASE_FD cannot be read again by the program."""
    with (run.folder / "passphrase").open("w+") as file, (run.folder / "other").open("w+") as other:
        done = run(
            *(
                "sh",
                "-c",
                f"ls /proc/$$/fd | grep -xE '{file.fileno()}|{other.fileno()}'",
            ),
            environ={"SECRETCTL_PASSPHRASE_FD": str(file.fileno())},
            descriptors=(file.fileno(), other.fileno()),
        )
        assert done.stdout.decode() == f"flushed{other.fileno()}\n"


def test_pristine_keeps_the_short_list_only(run: Runner) -> None:
    """--pristine passes on the listed variables and the secrets, nothing else."""
    kept = {"HOME": "/h", "TERM": "t", "LANG": "C.UTF-8", "LC_TIME": "C", "TZ": "UTC", "USER": "u"}
    kept |= {"LOGNAME": "u", "SHELL": "/bin/sh", "TMPDIR": "/tmp"}  # only names
    lost = {"AWS_SECRET_ACCESS_KEY": "x", "SSH_AUTH_SOCK": "x", "LCX": "x", "PATHX": "x"}
    done = run("env", "-0", variables={"S": "v"}, environ=kept | lost, pristine=True)
    entries = done.stdout.removeprefix(b"flushed").decode().rstrip("\0").split("\0")
    assert dict(entry.split("=", 1) for entry in entries) == kept | {
        "S": "v",
        "PATH": os.environ["PATH"],
    }


@pytest.mark.parametrize("pristine", [False, True])
@pytest.mark.parametrize("given", [{}, {"LC_CTYPE": "C.UTF-8"}, {"LANG": "C"}, {"LC_CTYPE": "C"}])
def test_environment_is_as_it_was(run: Runner, given: dict[str, str], *, pristine: bool) -> None:
    """What Python adds for itself in the C locale is not passed on; what was given is."""
    done = run("env", "-0", environ=given, pristine=pristine)
    entries = done.stdout.removeprefix(b"flushed").decode().rstrip("\0").split("\0")
    found = dict(entry.split("=", 1) for entry in entries)
    assert {name: value for name, value in found.items() if name.startswith("L")} == given


def test_entry_without_a_name_is_left_out(run: Runner) -> None:
    """``env '=z'`` hands one over; it hinders nothing."""
    done = run("env", "-0", variables={"S": "v"}, launcher=("env", "=z"))
    assert done.returncode == 0
    assert b"S=v" in done.stdout
    assert b"=z" not in done.stdout


def test_arguments_never_hold_a_value(run: Runner) -> None:
    """Values are in the environment only; the arguments arrive untouched."""
    argv = ("--", "-x", "$V", "", "a b", "--pristine")
    show = "import sys; print(open('/proc/self/cmdline').read(), end='')"
    done = run(sys.executable, "-c", show, *argv, variables={"V": CANARY})
    assert CANARY.encode() not in done.stdout
    assert done.stdout.decode().split("\0")[3:] == [*argv, ""]


@pytest.mark.parametrize(
    "program", ["no-such-program-here", "/no/such", "./no", "", "request.json/x"]
)
def test_missing_program_is_127(run: Runner, program: str) -> None:
    """What a shell calls 127 is 127."""
    done = run(program, variables={"V": CANARY})
    assert done.returncode == 127
    assert b"command not found" in done.stderr
    assert CANARY.encode() not in done.stderr


def test_unusable_program_is_126(run: Runner) -> None:
    """A folder, a file without x, an empty program, a missing interpreter: 126."""
    (run.folder / "plain").write_text("#!/bin/sh\n")
    for name, content in (("garbage", "\x7fELF"), ("script", "#!/no/such/interpreter\n")):
        (run.folder / name).write_text(content)
        (run.folder / name).chmod(0o755)
    for program in ("/", "./plain", "./garbage", "./script"):
        done = run(program)
        assert (done.returncode, b"cannot be run" in done.stderr) == (126, True), program


@pytest.mark.parametrize(
    "content", ['printf "<%s>" "$@" "$V"; exit 7\n', "", "\n", "kill -9 $$", "#!\necho $#", "é=1"]
)
def test_script_without_interpreter_is_run_by_sh(run: Runner, content: str) -> None:
    """As env and shells run it: the same output, arguments and status."""
    (run.folder / "script").write_text(content)
    (run.folder / "script").chmod(0o755)
    argv = ("./script", "a b", "-c", "")
    variables = {"V": CANARY}
    expected = subprocess.run(
        ["env", *argv], cwd=run.folder, capture_output=True, check=False, env=os.environ | variables
    )
    done = run(*argv, variables=variables)
    assert done.stdout == b"flushed" + expected.stdout
    assert done.returncode == expected.returncode


def test_binary_of_another_kind_is_no_script(run: Runner) -> None:
    """No shell gets to read it, as none does by itself."""
    for content in (b"\x7fELF\n", b"MZ\0\n"):
        (run.folder / "program").write_bytes(content)
        (run.folder / "program").chmod(0o755)
        done = run("./program")
        assert (done.returncode, b"it is no program" in done.stderr) == (126, True)


def tool(folder: Path, says: str) -> Path:
    """Return a program in *folder* that says something."""
    folder.mkdir()
    program = folder / "tool"
    program.write_text(f"#!/bin/sh\necho {says}\n")
    program.chmod(0o755)
    return program


def test_program_is_looked_for_along_path(run: Runner) -> None:
    """An unusable file earlier in PATH does not hide a usable one; alone it is 126."""
    for folder, mode in (("first", 0o644), ("second", 0o755)):
        tool(run.folder / folder, folder).chmod(mode)
    (run.folder / "zeroth").mkdir()
    (run.folder / "zeroth" / "tool").symlink_to("dangling")
    first, second = (str(run.folder / name) for name in ("first", "second"))
    path = f"{run.folder}/zeroth:/no/such:{first}"
    assert run("tool", environ={"PATH": f"{path}:{second}"}).stdout == b"flushedsecond\n"
    assert run("tool", environ={"PATH": path}).returncode == 126
    assert run("tool", environ={"PATH": f"{run.folder}/zeroth"}).returncode == 127


def test_what_was_found_is_what_starts(run: Runner) -> None:
    """Another program of that name that comes earlier in PATH by then changes nothing."""
    tool(run.folder / "late", "another")
    tool(run.folder / "second", "found")
    path = f"{run.folder}/first:{run.folder}/second"
    move = f"os.rename({str(run.folder / 'late')!r}, {str(run.folder / 'first')!r})"
    assert run("tool", environ={"PATH": path}, between=move).stdout == b"flushedfound\n"
    assert run("tool", environ={"PATH": path}).stdout == b"flushedanother\n"


def test_the_path_of_a_program_begins_at_the_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However it was called; a link stays one, for a program may do what it is called."""
    program = tool(tmp_path / "programs", "x")
    link = program.with_name("link")
    link.symlink_to("tool")
    monkeypatch.chdir(tmp_path)
    found = {
        (str(program), ""): program,
        ("./programs/tool", ""): program,
        ("programs/../programs/tool", ""): tmp_path / "programs/../programs/tool",
        ("tool", "/no/such:programs"): program,
        ("link", str(program.parent)): link,
    }
    for (called, path), expected in found.items():
        assert resolved(called, {"PATH": path}) == bytes(expected), called
    monkeypatch.chdir(program.parent)
    assert resolved("tool", {"PATH": "/no/such:"}) == bytes(program)


def test_too_large_variable_is_named(run: Runner) -> None:
    """A string over 128 KiB is refused by name; the largest that fits arrives."""
    room = 128 * 1024 - len("BIG=\0")
    fits = run("sh", "-c", 'printf %s "${#BIG}"', variables={"BIG": "x" * room})
    assert fits.stdout == f"flushed{room}".encode()
    done = run("sh", "-c", "echo started", variables={"BIG": "x" * (room + 1), "SMALL": "y"})
    assert done.returncode == 126
    assert b"'BIG'" in done.stderr
    assert b"SMALL" not in done.stderr
    assert b"started" not in done.stdout


def test_too_large_environment_names_the_largest(run: Runner) -> None:
    """When all together is too much nothing starts, and the largest variables are named."""
    many = {f"V{index}": "x" * 130_000 for index in range(60)} | {"LARGEST": "x" * 131_000}
    done = run("sh", "-c", "echo started", variables=many)
    assert done.returncode == 126
    assert b"'LARGEST'" in done.stderr
    assert b"xxx" not in done.stderr
    assert b"started" not in done.stdout
