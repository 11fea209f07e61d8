"""Where an endpoint is, whether it may be reached without TLS, and through which proxy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretctl.errors import ConfigError
from secretctl.remote.address import Address, parse
from secretctl.remote.proxies import Proxy, proxy_for

LOOPBACK = ["localhost", "127.0.0.1", "127.3.2.1", "[::1]"]
ELSEWHERE = ["example.com", "10.0.0.1", "169.254.169.254", "localhost.example.com", "[fe80::1]"]
AWS = "https://secretsmanager.eu-west-1.amazonaws.com"


@pytest.mark.parametrize(
    ("url", "address", "authority"),
    [
        ("http://127.0.0.1:80", Address("http", "127.0.0.1", 80, "/"), "127.0.0.1"),
        ("HTTPS://A.example:8443/b/", Address("https", "a.example", 8443, "/b/"), "a.example:8443"),
        ("https://[::1]:2773", Address("https", "::1", 2773, "/"), "[::1]:2773"),
        (AWS, Address("https", AWS[8:], 443, "/"), AWS[8:]),
    ],
)
def test_a_url_is_taken_apart(url: str, address: Address, authority: str) -> None:
    """A usual port is not said; the path is at least a slash."""
    assert parse(url, may_be_plain=False) == address
    assert address.authority == authority


@pytest.mark.parametrize(
    "url",
    [
        *("", "x", "localhost:2773", "ftp://a", "http://", "https://:443", "https://a:b"),
        *("https://a:0", "https://a:99999", "https://[::1", "https://a b", "https://a\n", "//a"),
        *("https://\u00e4.example", "https://a/?x=1", "https://a/#x", "https://" + "a" * 3000),
        *("https://user:hunter2@a", "https://hunter2@a"),
    ],
)
def test_what_is_no_url_of_an_endpoint_is_refused_and_not_repeated(url: str) -> None:
    """It may hold a password."""
    with pytest.raises(ConfigError) as caught:
        parse(url, may_be_plain=True)
    assert "hunter2" not in f"{caught.value.message}{caught.value.hints}"


@pytest.mark.parametrize("host", [*LOOPBACK, *ELSEWHERE])
def test_plain_http_does_not_leave_the_machine_unless_it_may(host: str) -> None:
    """Values would go over the network as they are."""
    assert parse(f"https://{host}", may_be_plain=False)
    assert parse(f"http://{host}", may_be_plain=True)
    if host in LOOPBACK:
        assert parse(f"http://{host}", may_be_plain=False).is_loopback
        return
    with pytest.raises(ConfigError, match="encrypts nothing") as caught:
        parse(f"http://{host}", may_be_plain=False)
    assert "--allow-http" in caught.value.hints[1]


@given(st.text())
def test_any_text_is_an_endpoint_or_refused(text: str) -> None:
    """Nothing else happens."""
    try:
        address = parse(f"https://{text}", may_be_plain=False)
    except ConfigError:
        return
    assert parse(address.url, may_be_plain=False) == address


PROXY = "http://proxy.example:3128"


@pytest.mark.parametrize(
    ("environ", "url", "proxy"),
    [
        ({}, AWS, None),
        ({"HTTPS_PROXY": PROXY}, AWS, Proxy("proxy.example", 3128, "")),
        ({"HTTPS_PROXY": "http://x", "https_proxy": PROXY}, AWS, Proxy("proxy.example", 3128, "")),
        ({"HTTPS_PROXY": "proxy.example"}, AWS, Proxy("proxy.example", 80, "")),
        ({"https_proxy": "http://u:p%40@[::1]:1"}, AWS, Proxy("::1", 1, "Basic dTpwQA==")),
        ({"HTTP_PROXY": PROXY, "ALL_PROXY": PROXY}, AWS, None),
        ({"HTTP_PROXY": PROXY}, "http://a.example", Proxy("proxy.example", 3128, "")),
        ({"HTTP_PROXY": PROXY, "REQUEST_METHOD": "GET"}, "http://a.example", None),
        ({"HTTPS_PROXY": PROXY, "HTTP_PROXY": PROXY}, "http://localhost:1", None),
        ({"HTTPS_PROXY": PROXY}, "https://127.0.0.1", None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "*"}, AWS, None),
        ({"HTTPS_PROXY": PROXY, "no_proxy": "a.example, .AmazonAWS.com"}, AWS, None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "a.example"}, "https://b.a.example", None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "a.example:443"}, "https://a.example", None),
        (
            {"HTTPS_PROXY": PROXY, "NO_PROXY": "a.example,"},
            "https://ba.example",
            Proxy("proxy.example", 3128, ""),
        ),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "10.0.0.0/8"}, "https://10.1.2.3", None),
    ],
)
def test_a_proxy_is_chosen_as_the_variables_say(
    environ: dict[str, str], url: str, proxy: Proxy | None
) -> None:
    """Lower case first; what is excepted is reached directly, and this machine always."""
    assert proxy_for(parse(url, may_be_plain=True), environ) == proxy


@pytest.mark.parametrize("url", ["socks5://a", "https://a", "http://", "http://a:hunter2", "[x"])
def test_what_is_no_proxy_is_refused_and_not_repeated(url: str) -> None:
    """Rather than going another way."""
    with pytest.raises(ConfigError, match="HTTPS_PROXY") as caught:
        proxy_for(parse(AWS, may_be_plain=False), {"HTTPS_PROXY": url})
    assert "hunter2" not in caught.value.message


def test_the_password_of_a_proxy_is_not_shown() -> None:
    """Its repr names the place alone."""
    proxy = Proxy("::1", 1, "Basic dTpw")
    assert repr(proxy) == "<proxy http://[::1]:1>"
