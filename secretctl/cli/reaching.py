"""Reaching the endpoint that a command line names: where it is, how, and who asks.

The settings that are AWS's are looked for where its tools look: options, the environment, the
profile in AWS's own files. Which endpoint it is, only ``--endpoint-url`` and
SECRETCTL_ENDPOINT_URL say: a shell that is set up for SDKs turns no command remote.
"""

from __future__ import annotations

from secretctl.cli import config
from secretctl.cli.endpoint import VARIABLE
from secretctl.cli.options import Globals
from secretctl.context import Context, tell_person
from secretctl.domain.names import is_region
from secretctl.errors import ConfigError, UnlockError, UsageError
from secretctl.record import TYPE_CHECKING
from secretctl.remote import credentials, profiles
from secretctl.remote.address import Address, parse
from secretctl.remote.calling import Remote
from secretctl.remote.connection import TIMEOUT_S, Connection, Reach
from secretctl.remote.profiles import Profile
from secretctl.remote.proxies import proxy_for
from secretctl.sigv4.signing import Credential

if TYPE_CHECKING:
    from collections.abc import Mapping

_LARGEST_CREDENTIAL = 64 * 1024
_PROCESS_SECONDS = 300.0
"""A ``credential_process`` may wait for a person with a key in hand."""

_AWS_DOMAIN = "amazonaws.com"
_AWS_DOMAINS = {
    "cn": "amazonaws.com.cn",
    "eusc-de": "amazonaws.eu",
    "us-iso": "c2s.ic.gov",
    "us-isob": "sc2s.sgov.gov",
    "us-isof": "csp.hci.ic.gov",
    "eu-isoe": "cloud.adc-e.uk",
}
"""Domains of AWS's other partitions, by what the names of their regions begin with."""

_AWS_SUFFIXES = tuple(f".{each}" for each in (_AWS_DOMAIN, *_AWS_DOMAINS.values(), "api.aws"))
_UNVERIFIED = (
    "secretctl: warning: the certificate of the endpoint is not verified: whoever answers there "
    "may read and write what is sent\n"
)


def reach(settings: config.Settings, context: Context) -> Remote:
    """Return the endpoint of *settings*, to which nothing is sent yet.

    Raises:
        UsageError: An option has no meaning.
        ConfigError: The URL, a file of AWS's or a variable cannot be used, or nobody is named who
            asks.
    """
    flags = settings.endpoint
    assert flags is not None, "no endpoint is named"
    address = _address(flags)
    profile = profiles.chosen(flags.profile or "", context.environ)
    return Remote(
        Connection(address, _reach(flags, address, profile, context)),
        _region(settings, profile, address),
        _credential(flags, profile, context) if flags.sign_request else None,
        context,
    )


def _address(flags: Globals) -> Address:
    try:
        return parse(flags.endpoint_url or "", may_be_plain=flags.allow_http)
    except ConfigError as error:
        error.hints = (*error.hints, f"it is the one of --endpoint-url, else of {VARIABLE}")
        raise


def _reach(flags: Globals, address: Address, profile: Profile, context: Context) -> Reach:
    environ = context.environ
    if not flags.verify_ssl and address.scheme == "https":
        tell_person(context, _UNVERIFIED)
    bundle = flags.ca_bundle or environ.get("AWS_CA_BUNDLE") or profile.get("ca_bundle")
    return Reach(
        connect_s=_seconds("--cli-connect-timeout", flags.connect_timeout),
        read_s=_seconds("--cli-read-timeout", flags.read_timeout),
        verifies=flags.verify_ssl,
        ca_bundle=_at_home(bundle, environ),
        proxy=proxy_for(address, environ),
    )


def _seconds(option: str, given: int | None) -> float | None:
    """Return a limit of time; None for none, which zero means to AWS's tool."""
    if given is not None and given < 0:
        raise UsageError(f"argument {option}: must not be negative", f"{option} 0 waits for ever")
    return TIMEOUT_S if given is None else float(given) or None


def _at_home(path: str, environ: Mapping[str, str]) -> str:
    return f"{environ.get('HOME', '~')}{path[1:]}" if path.startswith("~/") else path


def url_of_aws(flags: Globals, settings: config.Settings, context: Context) -> str:
    """Return the URL of AWS's own Secrets Manager in the region that is chosen.

    Raises:
        ConfigError: None is, or a file of AWS's cannot be read.
    """
    region = _chosen_region(settings, profiles.chosen(flags.profile or "", context.environ))
    if not region:
        raise ConfigError("no region says which of AWS's is meant", "--region eu-west-1")
    domain = _AWS_DOMAINS.get(region.rsplit("-", 2)[0], _AWS_DOMAIN)
    return f"https://secretsmanager.{region}.{domain}"


def region_of(settings: config.Settings, context: Context) -> str:
    """Return the region of the endpoint of *settings*; raises as `reach`."""
    flags = settings.endpoint
    assert flags is not None, "no endpoint is named"
    return _region(settings, profiles.chosen(flags.profile or "", context.environ), _address(flags))


def _region(settings: config.Settings, profile: Profile, address: Address) -> str:
    """Return the region that requests are signed for.

    Of a host of AWS's it is the one in its name, for which AWS takes no other signature.
    """
    named = _region_of_aws(address.host) if settings.region_chosen != "manual" else ""
    return named or _chosen_region(settings, profile) or settings.region


def _region_of_aws(host: str) -> str:
    """Return the region that the name of a host of AWS's holds; empty if it is another's."""
    labels = host.split(".") if host.endswith(_AWS_SUFFIXES) else []
    regions = (each for each in labels if each.count("-") > 1 and each[-1].isdigit())
    return next((each for each in regions if is_region(each) and not each.startswith("vpce-")), "")


def _chosen_region(settings: config.Settings, profile: Profile) -> str:
    """Return the region of option, environment, AWS's profile or our configuration; else empty."""
    if settings.region_chosen in ("manual", "env"):
        return settings.region
    ours = settings.region if settings.region_chosen == "config-file" else ""
    theirs = profile.get("region")
    if theirs and not is_region(theirs):  # it may become a part of the host that is sent secrets
        where = profile.credentials_file if "region" in profile.credentials else profile.config_file
        raise ConfigError(
            f"the region of the profile ({profile.name}) is not the name of a region",
            f"edit {where}, or say --region eu-west-1",
        )
    return theirs or ours


def _credential(flags: Globals, profile: Profile, context: Context) -> Credential:
    found = credentials.find(
        *(profile, context.environ, context.now_ms(), _runner(context)),
        is_named=bool(flags.profile),
    )
    return Credential(found.key_id, found.secret, found.session_token)


def _runner(context: Context) -> credentials.Run:
    """Return what runs a program that prints a credential, without the variables that are ours."""
    environ = {
        name: value for name, value in context.environ.items() if not name.startswith("SECRETCTL_")
    }

    def run(name: str, command: str) -> bytes:
        from secretctl.cli.passphrase_command import output

        try:
            return output(name, command, _LARGEST_CREDENTIAL, _PROCESS_SECONDS, environ)
        except UnlockError as error:
            raise ConfigError(error.message, *error.hints) from None

    return run
