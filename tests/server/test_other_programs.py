"""Programs of AWS's that are not Python's SDK: its command line, the SDKs for JavaScript and Go."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from botocore.credentials import Credentials

from tests.faults.commands import ROOT
from tests.server.clients import Home
from tests.server.golang import needs_go, ran

AWS, NODE, FAKETIME = map(shutil.which, ("aws", "node", "faketime"))
MODULES = ROOT / ".venv/node_modules"
HAS_SDK = NODE is not None and (MODULES / "@aws-sdk/client-secrets-manager").is_dir()
SCRIPT = """
const {
  SecretsManagerClient, CreateSecretCommand, GetSecretValueCommand, PutSecretValueCommand,
  ResourceNotFoundException, paginateListSecrets,
} = require("@aws-sdk/client-secrets-manager");

async function main() {
  const client = new SecretsManagerClient({});
  const said = {};
  const made = await client.send(new CreateSecretCommand({Name: "js/a", SecretString: "\\u00e4"}));
  await client.send(new PutSecretValueCommand(
    {SecretId: made.ARN, SecretBinary: new Uint8Array([0, 1, 2, 255])}));
  const got = await client.send(new GetSecretValueCommand({SecretId: "js/a"}));
  said.binary = Array.from(got.SecretBinary);
  said.isDate = got.CreatedDate instanceof Date;
  said.requestId = got.$metadata.requestId;
  const old = new GetSecretValueCommand({SecretId: "js/a", VersionStage: "AWSPREVIOUS"});
  said.text = (await client.send(old)).SecretString;
  said.names = [];
  for await (const page of paginateListSecrets({client, pageSize: 1}, {})) {
    said.names.push(...page.SecretList.map((each) => each.Name));
  }
  try {
    await client.send(new GetSecretValueCommand({SecretId: "js/none"}));
  } catch (error) {
    said.isNotFound = error instanceof ResourceNotFoundException;
    said.message = error.message;
  }
  console.log(JSON.stringify(said));
}
main();
"""


def aws(home: Home, given: Credentials, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the AWS command line."""
    return subprocess.run(
        ["aws", "secretsmanager", *words],
        env={**os.environ, **home.environ(given), "HOME": str(home.served.world.home)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.skipif(AWS is None, reason="aws is not installed")
def test_the_aws_command_line_is_served(home: Home, root: Credentials, tmp_path: Path) -> None:
    """By nothing but its environment: values, bytes, pages, errors."""
    made = json.loads(
        aws(home, root, "create-secret", "--name", "a", "--secret-string", "v").stdout
    )
    assert made["ARN"].startswith("arn:aws:secretsmanager:us-east-1:")
    (tmp_path / "bytes").write_bytes(b"\0\xff")
    done = aws(
        home,
        root,
        "put-secret-value",
        "--secret-id",
        "a",
        "--secret-binary",
        f"fileb://{tmp_path}/bytes",
    )
    assert done.returncode == 0, done.stderr
    got = json.loads(aws(home, root, "get-secret-value", "--secret-id", "a").stdout)
    assert got["SecretBinary"] == "AP8="
    aws(home, root, "create-secret", "--name", "b", "--secret-string", "v")
    paged = ("--page-size", "1", "--query", "SecretList[].Name", "--output", "text")
    assert aws(home, root, "list-secrets", *paged).stdout.split() == ["a", "b"]
    done = aws(home, root, "get-secret-value", "--secret-id", "none")
    assert done.returncode in (254, 255)
    assert "(ResourceNotFoundException) when calling the GetSecretValue operation" in done.stderr


@pytest.mark.skipif(not HAS_SDK, reason="the AWS SDK for JavaScript is not installed")
def test_the_sdk_for_javascript_is_served(home: Home, root: Credentials) -> None:
    """By nothing but its environment: dates, bytes, pages, exceptions by class."""
    said = javascript(home, root)
    assert said["binary"] == [0, 1, 2, 255]
    assert said["text"] == "ä"
    assert said["isDate"]
    assert "js/a" in said["names"]
    assert said["isNotFound"]
    assert said["message"] == "Secrets Manager can't find the specified secret."
    assert len(said["requestId"]) == 36


@pytest.mark.skipif(not HAS_SDK or FAKETIME is None, reason="no SDK for JavaScript, or faketime")
@pytest.mark.parametrize("shift", ["+1h", "-1h"])
def test_an_sdk_whose_clock_is_wrong_corrects_it(home: Home, root: Credentials, shift: str) -> None:
    """By the date of the answer that refused it: its second try is good."""
    home.client(root).delete_secret(SecretId="js/a", ForceDeleteWithoutRecovery=True)
    assert javascript(home, root, ["faketime", "-f", shift])["isNotFound"]


@needs_go
def test_the_sdk_for_go_is_served(home: Home, root: Credentials, tmp_path: Path) -> None:
    """Dates, bytes, pages, errors by type; what it deleted is gone."""
    home.client(root).create_secret(Name="go/b", SecretString="v")
    before = int(time.time())
    source = (Path(__file__).parent / "program.go").read_text()
    said = json.loads(ran(source, home.environ(root), tmp_path))
    assert said["binary"] == "AAEC/w=="
    assert said["text"] == "ä"
    assert before <= said["created"] <= time.time()
    assert {"go/a", "go/b"} <= set(said["names"])
    assert said["notFound"] == "Secrets Manager can't find the specified secret."


def javascript(home: Home, given: Credentials, before: Sequence[str] = ()) -> dict[str, Any]:
    """Run the script with the SDK, by what stands *before* it, and return what it found."""
    done = subprocess.run(
        [*before, "node", "-e", SCRIPT],
        env={**os.environ, **home.environ(given), "NODE_PATH": str(MODULES)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found
