"""What a client raises is caught by code written for boto3, and needs no botocore."""

import pickle
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

import botocore.exceptions
import botocore.session
import pytest

import secretctl
from secretctl.errors import NoVaultError
from secretctl.sdk import (
    ClientError,
    OperationNotPageableError,
    PaginationError,
    ParamValidationError,
    SecretsManager,
)

WITHOUT_BOTOCORE = """
import sys
sys.modules["botocore"] = sys.modules["boto3"] = None
import secretctl
with secretctl.client("secretsmanager") as client:
    assert client.get_secret_value(SecretId="app/db")["SecretString"] == "canary"
    try:
        client.get_secret_value(SecretId="none")
    except client.exceptions.ClientError as error:
        print(type(error).__name__, [base.__name__ for base in type(error).__mro__])
    try:
        client.get_secret_value()
    except Exception as error:
        print(type(error).__name__, error)
"""


def test_botocores_own_classes_catch_them(client: SecretsManager) -> None:
    """By descent, as ``except`` goes."""
    untyped: Any = client
    with pytest.raises(botocore.exceptions.ClientError):
        client.get_secret_value(SecretId="none")
    with pytest.raises(botocore.exceptions.ParamValidationError) as caught:
        untyped.get_secret_value()
    assert caught.value.kwargs == {"report": 'Missing required parameter in input: "SecretId"'}
    with pytest.raises(botocore.exceptions.OperationNotPageableError):
        untyped.get_paginator("get_secret_value")
    assert issubclass(PaginationError, botocore.exceptions.PaginationError)


def test_there_are_no_waiters_as_boto3_has_none(client: SecretsManager) -> None:
    """Code that asks for one is told so by the same error, in the same words."""
    theirs = botocore.session.get_session().create_client("secretsmanager", "us-east-1")
    said = []
    for each in (theirs, client):
        with pytest.raises(ValueError, match="secret_exists") as caught:
            each.get_waiter("secret_exists")
        said.append((type(caught.value), str(caught.value), each.waiter_names))
    assert said[0] == said[1]


@pytest.mark.usefixtures("shell")
def test_without_botocore_all_is_the_same() -> None:
    """The client does not need it, and the errors are what they are, but for their descent."""
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_BOTOCORE], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == [
        "ResourceNotFoundException ['ResourceNotFoundException', 'ClientError', 'Exception', "
        "'BaseException', 'object']",
        "ParamValidationError Parameter validation failed:",
        'Missing required parameter in input: "SecretId"',
    ]


def test_errors_go_to_other_processes(client: SecretsManager) -> None:
    """They are pickled by their classes, with all they say."""
    with pytest.raises(ClientError) as refused:
        client.get_secret_value(SecretId="none")
    error = pickle.loads(pickle.dumps(refused.value))
    assert type(error) is client.exceptions.ResourceNotFoundException
    assert (error.response, str(error)) == (refused.value.response, str(refused.value))
    for made in (
        ParamValidationError("r"),
        OperationNotPageableError("get_secret_value"),
        PaginationError("m"),
    ):
        again = pickle.loads(pickle.dumps(made))
        assert (type(again), str(again), again.kwargs) == (type(made), str(made), made.kwargs)


def test_only_words_are_taken(client: SecretsManager) -> None:
    """As boto3 says it."""
    untyped: Any = client
    with pytest.raises(TypeError, match=r"^get_secret_value\(\) only accepts keyword arguments\.$"):
        untyped.get_secret_value("app/db")


def test_no_traceback_holds_a_value(client: SecretsManager) -> None:
    """Nor does a message repeat what was rejected."""
    untyped: Any = client
    for wrong in (
        {"Name": "app/db", "SecretString": "canary-1"},
        {"Name": "b", "SecretString": ["canary-1"]},
        {"Name": "b", "canary-1": "x"},
        {"Name": "canary-1 ", "SecretString": "x"},
    ):
        with pytest.raises((ClientError, ParamValidationError)) as caught:
            untyped.create_secret(**wrong)
        assert "canary-1" not in "".join(traceback.format_exception(caught.value))
    assert "canary" not in repr(client)


def test_hints_are_notes(home: Path) -> None:
    """A traceback shows what the command line hints at."""
    with pytest.raises(NoVaultError) as caught:
        secretctl.client("secretsmanager", vault=home / "none").list_secrets()
    assert caught.value.__notes__ == [f"hint: secretctl init --vault {home}/none"]
