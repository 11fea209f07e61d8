"""What would keep AWS's SDKs from an endpoint is taken out of an environment, and nothing else."""

import os
from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]  # has no type

import pytest

from secretctl.delivery.sdk_environment import cleared

HOST = "127.0.0.1"


def test_only_what_leads_elsewhere_is_left_out() -> None:
    """Endpoints of other services and variables of others stay as they are."""
    stays = {b"AWS_ENDPOINT_URL_S3": b"http://s3", b"AWS_MAX_ATTEMPTS": b"1", b"no_proxy": b"x"}
    assert cleared(stays | {b"AWS_PROFILE": b"p", b"AWS_USE_FIPS_ENDPOINT": b"true"}, HOST) == stays


@pytest.mark.parametrize("proxy", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
@pytest.mark.parametrize("before", [{}, {"NO_PROXY": "a.example"}, {"no_proxy": "*"}])
def test_the_endpoint_is_asked_without_a_proxy(
    monkeypatch: pytest.MonkeyPatch, proxy: str, before: dict[str, str]
) -> None:
    """And so is whatever was asked without one before, but nothing else."""
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    given = {os.fsencode(name): os.fsencode(each) for name, each in before.items()}
    found = cleared({**given, os.fsencode(proxy): b"http://proxy"}, HOST)
    for variable in (b"NO_PROXY", b"no_proxy"):
        monkeypatch.setenv(os.fsdecode(variable), os.fsdecode(found[variable]))
    assert proxy_bypass_environment(HOST)
    assert bool(proxy_bypass_environment("a.example")) == bool(before)
    assert bool(proxy_bypass_environment("b.example")) == (before == {"no_proxy": "*"})
