"""A client answers as the command line does, in boto3's shapes, and refuses in boto3's ways."""

import base64
import json
import os
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

import secretctl
from secretctl.cli.in_process import in_process
from secretctl.model.operations import OPERATIONS
from secretctl.model.shapes import snake
from secretctl.sdk import ClientError, SecretsManager
from tests.access.conftest import Account
from tests.sdk.scenario import CALLS

OURS = "delete_secret_version"
ERROR = re.compile(r"An error occurred .*")
DRAWN = (
    (re.compile(r"(?<=:secret:)([\w/]+)-\w{6}"), r"\1-suffix"),
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00"), "time"),
    (re.compile(r'(?<="RandomPassword": ")\w{8}'), "drawn"),
    (re.compile(r'(?<="NextToken": ")[^"]+'), "token"),
)


NEVER_ANSWERED = {
    *("associate_cross_account_replica", "disassociate_cross_account_replica"),
    "stop_replication_to_replica",
}


def real_client() -> Any:
    """Return boto3's client, which reaches nothing."""
    return boto3.client(
        "secretsmanager", "us-east-1", aws_access_key_id="k", aws_secret_access_key="s"
    )


def masked(text: str) -> str:
    """Return *text* without what is drawn at random and without times."""
    for pattern, word in DRAWN:
        text = pattern.sub(word, text)
    return text


def plain(value: object) -> object:
    """Return what JSON has in the place of a value."""
    if isinstance(value, datetime):
        return value.isoformat()
    assert isinstance(value, bytes)
    return base64.b64encode(value).decode()


def asked(client: Any, method: str, parameters: Mapping[str, object]) -> dict[str, Any]:
    """Return a method's answer."""
    answer: dict[str, Any] = getattr(client, method)(**parameters)
    return answer


def said_by(client: SecretsManager, method: str, parameters: Mapping[str, object]) -> str:
    """Return an answer, or the error, as text."""
    try:
        answer = asked(client, method, parameters)
    except ClientError as error:
        return str(error)
    del answer["ResponseMetadata"]
    return json.dumps(answer, default=plain, indent=4, ensure_ascii=False)


def typed(shell: Account, method: str, parameters: Mapping[str, object]) -> str:
    """Return what the command line says to the same, one page of it."""
    given = json.dumps(parameters, default=plain)
    words = ["--no-paginate", "--cli-input-json", given]
    said = shell(method.replace("_", "-"), *words)
    found = ERROR.search(said.err)
    return found[0] if found else said.out.rstrip() or "{}"


def test_every_operation_is_called() -> None:
    """The calls that are compared leave none out."""
    assert {method for method, _ in CALLS} == {snake(each.name) for each in OPERATIONS}


def test_the_command_line_says_the_same(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers and refusals are the same, call by call, in a vault each."""
    shell = Account(in_process(os.environ))
    other = home / "other"
    shell.must("create-secret", "--name", "first")
    monkeypatch.setenv("SECRETCTL_VAULT", str(other))
    assert Account(in_process(os.environ))("init").status == 0
    with secretctl.client("secretsmanager", vault=other) as client:
        client.create_secret(Name="first")
        for method, parameters in CALLS:
            ours, theirs = said_by(client, method, parameters), typed(shell, method, parameters)
            assert masked(ours) == masked(theirs), method


def outcomes(client: SecretsManager) -> Iterator[tuple[str, Mapping[str, object], Any]]:
    """Yield for each call of AWS's the method, its parameters, and the answer or the error."""
    for method, parameters in CALLS:
        found: dict[str, Any] | ClientError
        try:
            found = asked(client, method, parameters)
        except ClientError as error:
            found = error
        if method != OURS:
            yield method, parameters, found


def test_answers_have_the_shapes_of_boto3(client: SecretsManager) -> None:
    """Botocore takes every answer for one of the service, and every request for one to it."""
    real, answered = real_client(), {OURS, *NEVER_ANSWERED}
    with Stubber(real) as stub:
        for method, parameters, answer in outcomes(client):
            if not isinstance(answer, ClientError):
                stub.add_response(method, answer, parameters)
                assert asked(real, method, parameters) == answer
                assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
                answered.add(method)
    assert answered == {method for method, _ in CALLS}


def test_errors_are_those_of_boto3(client: SecretsManager) -> None:
    """By class, code, sentence, status and what stands beside them."""
    real, codes = real_client(), set()
    with Stubber(real) as stub:
        for method, parameters, error in outcomes(client):
            if not isinstance(error, ClientError):
                continue
            code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
            stub.add_client_error(method, code, message, 400)
            with pytest.raises(real.exceptions.from_code(code)) as caught:
                asked(real, method, parameters)
            assert type(error).__name__ == type(caught.value).__name__
            assert type(error) is client.exceptions.from_code(code)
            assert str(error) == str(caught.value)
            assert error.operation_name == caught.value.operation_name
            assert error.response["Error"] == caught.value.response["Error"]
            assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400
            is_declared = hasattr(real.exceptions, code)
            assert error.response.get("Message") == (message if is_declared else None)
            codes.add(code)
    assert len(codes) == 8


def test_the_exceptions_are_those_of_boto3() -> None:
    """Every error that the API declares has its class, in both."""
    declared = {each.name for each in real_client().meta.service_model.error_shapes}
    named = {name for name in dir(SecretsManager.exceptions) if not name.startswith("_")}
    assert named == {*declared, "ClientError", "from_code"}


def test_methods_are_those_of_boto3(client: SecretsManager) -> None:
    """And one of our own; each says what it is for."""
    mapping = {**real_client().meta.method_to_api_mapping, OURS: "DeleteSecretVersion"}
    assert client.meta.method_to_api_mapping == mapping
    for method in mapping:
        assert getattr(client, method).__doc__
        assert getattr(client, method).__name__ == method
