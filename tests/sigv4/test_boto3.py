"""What boto3 sends is verified: all of its headers, and an address that it presigned."""

from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.awsrequest import AWSResponse

from secretctl.errors import ServiceError
from secretctl.sigv4.claims import claim
from secretctl.sigv4.keys import SigningKey
from secretctl.sigv4.request import Request, received
from secretctl.sigv4.verifying import verify

ENDPOINT = "http://127.0.0.1:8080"


@pytest.fixture(scope="module")
def client() -> Any:
    """Return a client of boto3 that sends nothing."""
    return boto3.client(
        "secretsmanager",
        region_name="eu-west-1",
        endpoint_url=ENDPOINT,
        aws_access_key_id="ASIAEXAMPLE",
        aws_secret_access_key="s" * 40,
        aws_session_token="dG9rZW4=",
    )


def test_a_call_of_boto3_is_verified(client: Any) -> None:
    """Its headers as they leave it, with the host of its transport; a changed name is not."""
    sent: list[Request] = []

    def keep(request: Any, **_: Any) -> AWSResponse:
        headers = [(b"Host", b"127.0.0.1:8080")]
        for name, value in request.headers.items():
            headers.append((name.encode(), value if isinstance(value, bytes) else value.encode()))
        sent.append(received(request.method, b"/", b"", headers, request.body))
        return AWSResponse(request.url, 200, {}, _Nothing())

    client.meta.events.register("before-send.secretsmanager.GetSecretValue", keep)
    client.get_secret_value(SecretId="prod/db")
    client.meta.events.unregister("before-send.secretsmanager.GetSecretValue", keep)
    [request] = sent
    assert request.body == b'{"SecretId": "prod/db"}'
    check(request)
    with pytest.raises(ServiceError, match="does not match"):
        check(request._replace(body=b'{"SecretId": "prod/dc"}'))


def test_an_address_that_boto3_presigned_is_verified(client: Any) -> None:
    """Its parameters are in the query, its target in a header that goes along."""
    address = urlsplit(client.generate_presigned_url("get_secret_value", {"SecretId": "prod/db"}))
    assert "SecretId=prod%2Fdb" in address.query
    headers = (
        ("host", "127.0.0.1:8080"),
        ("content-type", "application/x-amz-json-1.1"),
        ("x-amz-target", "secretsmanager.GetSecretValue"),
    )
    request = Request("POST", address.path, address.query, headers, b"")
    check(request)
    with pytest.raises(ServiceError, match="does not match"):
        check(request._replace(query=address.query.replace("%2Fdb", "%2Fdc")))


def check(request: Request) -> None:
    """Claim and verify, at the time of signing."""
    found = claim(request)
    assert (found.key_id, found.session_token) == ("ASIAEXAMPLE", "dG9rZW4=")
    assert found.scope.region == "eu-west-1"
    verify(request, found, SigningKey("s" * 40), found.time_s * 1000, "secretsmanager")


class _Nothing:
    """An empty answer of a service."""

    def stream(self, *_: Any, **__: Any) -> list[bytes]:
        return [b"{}"]
