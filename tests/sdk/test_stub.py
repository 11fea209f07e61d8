"""Type checkers see the client as it is declared.

``python tests/sdk/test_stub.py`` writes the stub anew.
"""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

from secretctl.sdk import secretsmanager
from tests.sdk.stub import STUB, written

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/python.md"
PROGRAM = """\
from typing import TYPE_CHECKING

import secretctl
from secretctl.sdk import ClientError, SecretsManager

if TYPE_CHECKING:
    from secretctl.sdk.secretsmanager import SecretListEntry


def described(client: SecretsManager, name: str) -> "SecretListEntry | None":
    for page in client.get_paginator("list_secrets").paginate(
        Filters=[{"Key": "name", "Values": [name]}], PaginationConfig={"PageSize": 10}
    ):
        for entry in page["SecretList"]:
            return entry
    return None


with secretctl.client("secretsmanager", vault="/v") as made:
    made.create_secret(Name="a", SecretBinary=b"v", Tags=[{"Key": "k", "Value": "v"}])
    try:
        text: str = made.get_secret_value(SecretId="a")["SecretString"]
        number: int = made.get_secret_value(SecretId="a")["SecretString"]  # error
    except made.exceptions.ResourceNotFoundException as error:
        code: str = error.response["Error"]["Code"]
    made.get_secret_value()  # error
    made.get_secret_value(SecretId=1)  # error
    made.get_secret_value(SecretId="a", Version="b")  # error
    made.list_secrets(SortBy="size")  # error
    made.get_paginator("get_secret_value")  # error
    made.get_secret("a")  # error
    reveal = made.describe_secret(SecretId="a")["Value"]  # error
secretctl.client("s3")  # error
"""


def test_the_stub_is_what_is_declared() -> None:
    """It is written from the declarations, and kept beside the code."""
    assert STUB.read_text() == written()


def test_what_the_stub_promises_is_there() -> None:
    """Methods and exceptions of the client and its paginators; answers are for checkers alone."""
    found = set()
    for each in ast.parse(STUB.read_text()).body:
        made = getattr(secretsmanager, getattr(each, "name", ""), None)
        if isinstance(each, ast.ClassDef) and made is not None:
            found.add(each.name)
            names = [part.name for part in each.body if isinstance(part, ast.FunctionDef)]
            names += [
                part.targets[0].id
                for part in each.body
                if isinstance(part, ast.Assign) and isinstance(part.targets[0], ast.Name)
            ]
            assert [name for name in names if not hasattr(made, name)] == []
    assert found == {"Exceptions", "Meta", "PageIterator", "SecretsManager"}


def test_mypy_finds_what_is_wrong_with_a_program(tmp_path: Path) -> None:
    """Right ones pass its strict checks, the page's example too; each wrong line is an error."""
    section = PAGE.read_text().partition("\n## Types\n")[2]
    (example,) = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    programs = {tmp_path / "program.py": PROGRAM, tmp_path / "example.py": example}
    for path, text in programs.items():
        path.write_text(text)
    words = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--config-file=",
        f"--cache-dir={os.devnull}",
    ]
    done = subprocess.run(
        [*words, *map(str, programs)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    found = re.findall(r"^(\S+):(\d+): error:", done.stdout, re.MULTILINE)
    wrong = [number for number, line in enumerate(PROGRAM.splitlines(), 1) if "# error" in line]
    assert found == [(str(tmp_path / "program.py"), str(number)) for number in wrong], done.stdout
    subprocess.run([sys.executable, tmp_path / "example.py"], cwd=ROOT, check=True)


if __name__ == "__main__":
    STUB.write_text(written())
