"""What in an environment keeps AWS's SDKs from an endpoint that they are given in it.

See: https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
"""

from __future__ import annotations

from collections.abc import Mapping

# Credentials of another kind go before a key in some SDKs: a profile (JavaScript), a web identity
# (.NET). boto3 takes the older name of the session token first, and an expiry of the key before.
ELSEWHERE = (
    *(b"AWS_PROFILE", b"AWS_DEFAULT_PROFILE", b"AWS_SECURITY_TOKEN", b"AWS_CREDENTIAL_EXPIRATION"),
    *(b"AWS_WEB_IDENTITY_TOKEN_FILE", b"AWS_ROLE_ARN", b"AWS_ACCOUNT_ID"),
    *(b"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", b"AWS_USE_FIPS_ENDPOINT"),
    b"AWS_USE_DUALSTACK_ENDPOINT",
)
"""Variables that lead an SDK to another place, or have it sign with something else."""

_PROXIES = (b"HTTP_PROXY", b"http_proxy", b"ALL_PROXY", b"all_proxy")
_NO_PROXY = (b"no_proxy", b"NO_PROXY")
"""The first goes before the second, where a program reads both."""

_EVERYWHERE = b"*"


def cleared(environment: Mapping[bytes, bytes], host: str) -> dict[bytes, bytes]:
    """Return *environment* without what leads an SDK elsewhere; *host* is asked without a proxy."""
    left = {name: value for name, value in environment.items() if name not in ELSEWHERE}
    if not any(left.get(name) for name in _PROXIES):
        return left
    direct = next((left[name] for name in _NO_PROXY if left.get(name)), b"")
    if direct.strip() != _EVERYWHERE:
        direct = b",".join(filter(None, [direct, host.encode()]))
    return left | dict.fromkeys(_NO_PROXY, direct)
