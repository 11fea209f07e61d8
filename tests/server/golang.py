"""The AWS SDK for Go of Debian, which is too large to be installed wherever the tests run."""

import re
import shutil
from pathlib import Path

import pytest

from tests.faults.commands import ROOT
from tests.server.programs import said

GOPATH = Path("/usr/share/gocode")
SDK = GOPATH / "src/github.com/aws/aws-sdk-go-v2"
HAS_SDK = shutil.which("go") is not None and (SDK / "service/secretsmanager").is_dir()
CLIENT = "client := secretsmanager.NewFromConfig(configuration)\n"
ADDRESSED = re.findall(r"```go\n(.*?)```", (ROOT / "docs/serve.md").read_text(), re.DOTALL)[1]
needs_go = pytest.mark.skipif(
    not HAS_SDK,
    reason="no Go or its AWS SDK: apt-get install golang-go golang-github-aws-aws-sdk-go-v2-dev",
)


def ran(source: str, environ: dict[str, str], folder: Path) -> str:
    """Compile a program in *folder*, run it, and return what it writes.

    Where the SDK is too old for the address's variable, its client is as docs/serve.md has it then.
    """
    assert CLIENT in source
    if "AWS_ENDPOINT_URL" not in (SDK / "config/env_config.go").read_text():
        source = source.replace(CLIENT, ADDRESSED)
    (folder / "main.go").write_text(source)
    own = {"GO111MODULE": "off", "GOPATH": str(GOPATH)}
    return said(["go", "run", "main.go"], {**environ, **own}, folder)
