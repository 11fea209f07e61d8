"""What is written for a program is what that program reads, to the byte."""

import base64
import csv
import ctypes
import io
import json
import shutil
import subprocess
import tomllib
from collections.abc import Callable
from functools import partial
from glob import glob
from pathlib import Path

import dotenv
import pytest
import yaml

from secretctl.delivery.environment import Variable
from secretctl.delivery.formats import FORMATS, github, kubernetes, writer
from tests.delivery.formats import engine, readers, values

ROOT = Path(__file__).parents[3]
NODE_DOTENV = ROOT / ".venv/node_modules/dotenv"
SYSTEMD = sorted(glob("/usr/lib/*/systemd/libsystemd-shared-*.so"))
NODE = f"console.log(JSON.stringify(require({json.dumps(str(NODE_DOTENV))}).parse(text)))"
BUILT_IN = "console.log(JSON.stringify(require('util').parseEnv(text.toString())))"
READ = "const text = require('fs').readFileSync(process.argv[1]); "
needs_node = pytest.mark.skipif(not shutil.which("node"), reason="node is not here")
needs_node_dotenv = pytest.mark.skipif(
    not (NODE_DOTENV.exists() and shutil.which("node")), reason="Node's dotenv is not here"
)


def needs(program: str) -> pytest.MarkDecorator:
    """Return the mark of tests that run *program*."""
    return pytest.mark.skipif(not shutil.which(program), reason=f"{program} is not here")


def by_program(command: list[str], path: Path, text: str) -> dict[str, str]:
    """Return the JSON object that a program prints for the file it is given."""
    path.write_bytes(text.encode())
    done = subprocess.run([*command, path], capture_output=True, timeout=60, check=True)
    read: dict[str, str] = json.loads(done.stdout)
    return read


def by_python_dotenv(path: Path, text: str) -> dict[str, str]:
    """Return what python-dotenv reads."""
    path.write_bytes(text.encode())
    return {name: value for name, value in dotenv.dotenv_values(path).items() if value is not None}


def test_python_dotenv_reads_dotenv(tmp_path: Path) -> None:
    """As from a file, references replaced as by default."""
    assert values.check("dotenv", partial(by_python_dotenv, tmp_path / "file"))


@needs_node_dotenv
def test_node_dotenv_reads_dotenv(tmp_path: Path) -> None:
    """The package that gave the format its name."""
    values.check("dotenv", partial(by_program, ["node", "-e", READ + NODE], tmp_path / "file"))


@needs_node
def test_node_itself_reads_dotenv(tmp_path: Path) -> None:
    """What ``node --env-file`` reads, where this node knows it."""
    known = ["node", "-e", "process.exit(require('util').parseEnv ? 0 : 1)"]
    if subprocess.run(known, check=False).returncode:
        pytest.skip("this node has no --env-file")
    values.check("dotenv", partial(by_program, ["node", "-e", READ + BUILT_IN], tmp_path / "file"))


def test_compose_reads_compose() -> None:
    """By its documented rules."""
    assert values.check("compose", readers.compose)


def test_docker_reads_docker() -> None:
    """By its documented rules."""
    assert values.check("docker", readers.docker)


@needs("docker")
def test_docker_itself_reads_docker(tmp_path: Path) -> None:
    """The command, asked to make a container, sends the variables to what it takes for an engine.

    The engine's socket is ours.
    """
    assert values.check("docker", partial(engine.environment_of_container, tmp_path))


def test_systemd_reads_systemd() -> None:
    """By the rules of systemd.exec(5)."""
    assert values.check("systemd", readers.systemd)


@pytest.mark.skipif(not SYSTEMD, reason="systemd is not here")
def test_systemd_itself_reads_systemd(tmp_path: Path) -> None:
    """Its own reader, and its own sieve for what may be in an environment."""
    values.check("systemd", partial(by_systemd, tmp_path / "file"))


def by_systemd(path: Path, text: str) -> dict[str, str]:
    """Return what systemd makes of the file of an ``EnvironmentFile=``."""
    path.write_bytes(text.encode())
    library = ctypes.CDLL(SYSTEMD[-1])
    strings = ctypes.POINTER(ctypes.c_char_p)
    library.strv_env_clean_with_callback.restype = strings
    read = strings()
    assert library.load_env_file(None, bytes(path), ctypes.byref(read)) == 0
    kept = library.strv_env_clean_with_callback(read, None, None)
    found = {}
    for each in iter(partial(next, iter(kept)), None):
        name, _, value = each.decode().partition("=")
        found[name] = value
    return found


def test_pyyaml_reads_yaml() -> None:
    """Every value as text."""
    assert values.check("yaml", yaml.safe_load) == 0


def test_yaml_keys_and_values_stay_text() -> None:
    """Words and numbers that mean something else in YAML."""
    words = ("NO", "null", "y", "_1", "TRUE")
    given = [Variable(word, word, "'s'") for word in words]
    assert yaml.safe_load(writer("yaml")(given)) == {word: word for word in words}
    for value in ("0123", "1e3", "~", "2001-01-01", "0x10", "1_000", ".inf", "=", "<<"):
        text = writer("yaml")([Variable("A", value, "'s'")])
        assert yaml.safe_load(text) == {"A": value}


@needs("jq")
def test_jq_reads_json(tmp_path: Path) -> None:
    """A program that is not this one's own reader."""
    assert values.check("json", partial(by_program, ["jq", "."], tmp_path / "file")) == 0


def test_toml_is_read_as_written() -> None:
    """By Python's own reader."""
    assert values.check("toml", tomllib.loads) == 0


def test_csv_is_read_as_written() -> None:
    """By Python's own reader, behind a heading."""

    def read(text: str) -> dict[str, str]:
        heading, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
        assert heading == ["name", "value"]
        return {row[0]: row[1] for row in rows}

    assert values.check("csv", read) == 0


def test_properties_are_read_as_written() -> None:
    """By the rules of java.util.Properties."""
    assert values.check("properties", readers.properties) == 0


JAVA = """
import java.io.FileInputStream;
import java.util.Properties;
class Read {
    public static void main(String[] words) throws Exception {
        Properties read = new Properties();
        read.load(new FileInputStream(words[0]));
        for (String name : read.stringPropertyNames())
            System.out.write((name + "=" + read.getProperty(name) + "\\0").getBytes("UTF-8"));
        System.out.flush();
    }
}
"""


@needs("javac")
def test_java_reads_properties(tmp_path: Path) -> None:
    """The class that the format is of."""
    (tmp_path / "Read.java").write_text(JAVA)

    def read(text: str) -> dict[str, str]:
        (tmp_path / "file").write_text(text)
        command = ["java", "Read.java", "file"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
        pairs = (each.partition("=") for each in done.stdout.decode().split("\0"))
        return {name: value for name, _, value in pairs if name}

    assert values.check("properties", read) == 0


def test_tfvars_are_json() -> None:
    """What is written is an object of strings."""
    assert values.check("tfvars-json", json.loads)


@needs("terraform")
def test_terraform_reads_tfvars(tmp_path: Path) -> None:
    """A template stays text, and no letter is composed."""

    def read(text: str) -> dict[str, str]:
        names = list(json.loads(text))
        blocks = {
            "variable": {name: {"type": "string"} for name in names},
            "output": {"all": {"value": {name: f"${{var.{name}}}" for name in names}}},
        }
        (tmp_path / "main.tf.json").write_text(json.dumps(blocks))
        (tmp_path / "given.tfvars.json").write_text(text)
        apply = ["terraform", "apply", "-auto-approve", "-input=false"]
        given = "-var-file=given.tfvars.json"
        subprocess.run([*apply, given], cwd=tmp_path, capture_output=True, check=True)
        shown = subprocess.run(
            ["terraform", "output", "-json"], cwd=tmp_path, capture_output=True, check=True
        )
        found: dict[str, str] = json.loads(shown.stdout)["all"]["value"]
        return found

    assert values.check("tfvars-json", read, values.variables()[-1200:])


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_runner_of_github_reads_github(newline: str) -> None:
    """By its rules, on Linux and on Windows, where a line may end otherwise."""
    assert values.check("github", partial(readers.github, newline=newline))


def test_github_delimiter_is_never_the_same() -> None:
    """Nobody who writes a secret can know it; a value that looks like one is text."""
    trap = Variable("A", "B<<EOF\nx\nEOF\nEOF", "'s'")
    first, second = writer("github")([trap]), writer("github")([trap])
    assert first != second
    assert readers.github(first) == {"A": trap.value}


def test_github_masks_each_line_of_each_value() -> None:
    """Whole, and line by line, escaped; nothing empty, blank or of one letter."""
    given = [Variable("A", "k3y\r\n\n50%\n x \ny", "'s'"), Variable("B", "z", "'s'")]
    assert github.masks(given).splitlines() == [
        "::add-mask::k3y%0D%0A%0A50%25%0A x %0Ay",
        "::add-mask::k3y",
        "::add-mask::50%25",
    ]
    assert github.unmasked(given) == ["B"]


def test_gitlab_reads_gitlab() -> None:
    """By its rules, which leave little."""
    plain = [Variable(f"V{number}", f"{number}'\"#\\=ü!", "'s'") for number in range(100)]
    assert values.check("gitlab", readers.gitlab, plain) == 0


def test_kubernetes_gets_every_value() -> None:
    """The data of a Secret, in base64."""
    every = values.variables()
    document = yaml.safe_load(kubernetes.written(every, name="my-app.v2"))
    assert document.pop("data") == {
        name: base64.b64encode(value.encode()).decode() for name, value, _ in every
    }
    assert document == {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "my-app.v2"},
        "type": "Opaque",
    }


@needs("kubectl")
def test_kubectl_reads_names_and_values_as_text() -> None:
    """What its YAML would take for a truth value or a number stays text."""
    names = ["y", "n", "Y", "off", "NULL", "_1"]
    given = [Variable(name, name, "'s'") for name in names]
    given.append(Variable("FLOAT", "\u31f4", "'s'"))  # its base64 is a number: 44e0
    for called in ("y", "1e3", "0o17", "my-app.v2"):
        said = subprocess.run(
            ["kubectl", "annotate", "--local", "-f", "-", "a=b", "-o", "json"],
            input=kubernetes.written(given, name=called).encode(),
            capture_output=True,
            check=True,
        )
        found = json.loads(said.stdout)
        assert found["metadata"]["name"] == called
        assert found["data"] == {
            name: base64.b64encode(value.encode()).decode() for name, value, _ in given
        }


@pytest.mark.parametrize(
    ("form", "name", "value", "reason"),
    [
        ("dotenv", "A", "a'\"", "single quote together"),
        ("dotenv", "A", "a\rb", "carriage return"),
        ("dotenv", "A", "a\\", "ends in a backslash"),
        ("dotenv", "A", "a\\\\b", "two backslashes"),
        ("dotenv", "A", "${HOME}", "a reference"),
        ("compose", "A", "it's $a", "single quote together"),
        ("compose", "A", "a\\", "ends in a backslash"),
        ("docker", "A", "a\nb", "line end"),
        ("docker", "A", "a\r", "ends in a carriage return"),
        ("docker", "A", "a" * 65536, "too long"),
        ("gitlab", "A", "a b", "blank"),
        ("gitlab", "A", "a\nb", "line end"),
        ("gitlab", "A", "$HOME", "dollar"),
        ("gitlab", "A", "a" * 5120, "5 KiB"),
        ("systemd", "A", "\ufdd0", "code point"),
        ("systemd", "A", "\U0010ffff", "code point"),
        ("github", "GITHUB_TOKEN", "a", "keeps that name"),
        ("github", "Runner_os", "a", "keeps that name"),
        ("github", "A", "a\r", "carriage return"),
        ("powershell", "A", "", "empty"),
        ("shell", "USERNAME", "a", "keeps that name"),
        ("shell", "LC_ALL", "a", "keeps that name"),
        ("fish", "status", "a", "keeps that name"),
        ("tfvars-json", "count", "a", "keeps that name"),
        ("tfvars-json", "A", "e\u0301", "otherwise"),
        ("tfvars-json", "A", "\u0378", "otherwise"),
    ],
)
def test_what_a_format_cannot_carry_is_refused(
    form: str, name: str, value: str, reason: str, refuses: Callable[[str, Variable], str]
) -> None:
    """With the secret and the reason, without the value."""
    said = refuses(form, Variable(name, value, "key 'k' of 'prod/db'"))
    assert said.startswith(f"key 'k' of 'prod/db' cannot be written as {form}")
    assert reason in said
    assert len(value) < 5 or value not in said


def test_the_page_has_every_format() -> None:
    """What a person may choose is what docs/export.md explains, in that order or another."""
    page = (ROOT / "docs/export.md").read_text()
    rows = [line.split("`")[1] for line in page.splitlines() if line.startswith("| `")]
    assert sorted(rows) == sorted(FORMATS)
