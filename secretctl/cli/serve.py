"""``serve``: the vault over HTTP, for AWS's SDKs and for programs that know AWS's agent."""

import os
from contextlib import closing
from typing import Annotated

import typer

from secretctl.cli import config
from secretctl.cli.options import Globals
from secretctl.cli.people import ProfileOption, RegionOption, VaultOption, chooser
from secretctl.context import Context, tell
from secretctl.errors import ConfigError, SecretctlError, UsageError
from secretctl.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ssl import SSLContext

    from secretctl.server.app import Options

_SHORTEST_TOKEN = 16
_MADE_BY = (
    "(umask 077; head -c32 /dev/urandom | base64 > FILE); secretctl serve --agent-token-file FILE"
)


class Request(NamedTuple):
    """What is asked for."""

    listen: str
    tls_cert: str
    tls_key: str
    allow_remote: bool
    allow_hosts: tuple[str, ...]
    agent_token_file: str
    agent: bool
    metrics: bool
    verbose: bool
    no_rotation: bool


def register(app: typer.Typer, context: Context, given: Globals) -> None:
    """Add the command to *app*."""
    choose = chooser(context, given)

    @app.command()
    def serve(  # noqa: PLR0913 Typer reads the options here
        listen: Annotated[
            str, typer.Option(help="IP:PORT; port 0 takes a free one.")
        ] = "127.0.0.1:2773",
        tls_cert: Annotated[str, typer.Option(help="Certificate, with its chain, in PEM.")] = "",
        tls_key: Annotated[str, typer.Option(help="Its private key, in PEM.")] = "",
        allow_remote: Annotated[
            bool, typer.Option("--allow-remote", help="Listen where other machines reach it.")
        ] = False,
        allow_host: Annotated[
            list[str] | None, typer.Option(help="Name that clients may call the server by.")
        ] = None,
        agent: Annotated[
            bool,
            typer.Option("--agent", help="Serve AWS's agent protocol too; token from AWS_TOKEN."),
        ] = False,
        agent_token_file: Annotated[
            str, typer.Option(help="The same, with the token from a file.")
        ] = "",
        metrics: Annotated[
            bool, typer.Option("--metrics", help="Serve /metrics for Prometheus.")
        ] = False,
        verbose: Annotated[
            bool, typer.Option("--verbose", help="Write a line for each request, without names.")
        ] = False,
        no_rotation: Annotated[
            bool, typer.Option("--no-rotation", help="Leave what is due to be rotated to others.")
        ] = False,
        vault: VaultOption = "",
        region: RegionOption = "",  # noqa: ARG001 in the help; it is read before Typer reads
        profile: ProfileOption = "",
    ) -> None:
        """Answer AWS's SDKs as Secrets Manager does, until it is stopped.

        Requests are signed with access keys of the vault's users and roles
        (AWS_ENDPOINT_URL_SECRETS_MANAGER names the endpoint to an SDK), and
        policies decide on them. /ping and /ready tell how it is. Secrets whose
        rotation is due are rotated.

        Exit status: 0 stopped by a signal; 252 usage, 253 configuration, vault or
        address, 255 anything else.
        """
        request = Request(
            *(listen, tls_cert, tls_key, allow_remote, tuple(allow_host or ())),
            *(agent_token_file, agent, metrics, verbose, no_rotation),
        )
        run(request, choose(vault, profile), context)


def run(request: Request, chosen: config.Settings, context: Context) -> None:
    """Serve the vault of *chosen* until a signal ends it.

    Raises:
        UsageError: Options that do not go together.
        ConfigError: The address, certificate or token cannot be used.
    """
    from secretctl.cli.serving import serve
    from secretctl.cli.serving_rotations import Rotations
    from secretctl.server import listening
    from secretctl.server.connections import Limits
    from secretctl.server.endpoint import Endpoint, room_for

    address = listening.parse(request.listen)
    tls = _tls(request, is_remote=not address.ip.is_loopback)
    options, limits = _options(request, context), Limits()
    rotations = Rotations(options.troubled, has_schedule=not request.no_rotation)
    options = options._replace(gauges=rotations.gauges)
    with closing(listening.bound(address)) as bound:
        limits = limits._replace(connections=room_for(limits.connections))
        url = listening.url(bound, "https" if tls else "http")
        serve(Endpoint(bound, options, limits, tls), rotations, url, chosen, context)


def _options(request: Request, context: Context) -> "Options":
    from secretctl.cli.troubles import Troubles
    from secretctl.server.app import Options
    from secretctl.server.guarding import LOOPBACK_HOSTS, is_host

    hosts = {host.lower() for host in request.allow_hosts}
    if not all(map(is_host, hosts)):
        raise UsageError(
            "argument --allow-host: a name or an IP address, without a port",
            "--allow-host vault.example",
        )
    return Options(
        context,
        Troubles(context).tell,
        hosts=LOOPBACK_HOSTS | hosts,
        token=_token(request, context),
        has_metrics=request.metrics,
        log=(lambda line: tell(context, f"{line}\n")) if request.verbose else None,
    )


def _tls(request: Request, *, is_remote: bool) -> "SSLContext | None":
    from secretctl.server.listening import tls

    files = request.tls_cert, request.tls_key
    if any(files) and not all(files):
        raise UsageError("--tls-cert and --tls-key go together", "--tls-cert FILE --tls-key FILE")
    if is_remote and not (request.allow_remote and all(files)):
        raise UsageError(
            "other machines can reach that address: that needs --allow-remote and TLS",
            f"secretctl serve --listen {request.listen} --allow-remote --tls-cert FILE "
            "--tls-key FILE",
        )
    return tls(*files) if all(files) else None


def _token(request: Request, context: Context) -> bytes:
    """Return the token of the agent's protocol, from where AWS's agent has it; empty without."""
    from secretctl.server.agent import TOKEN_VARIABLES

    given, path = "", request.agent_token_file
    if request.agent and not path:
        names = (name for name in TOKEN_VARIABLES if context.environ.get(name))
        given = context.environ.get(next(names, ""), "")
        path = given.removeprefix("file://") if given.startswith("file://") else ""
    elif not path:
        return b""
    token = (_read(path) if path else os.fsencode(given)).strip()
    if not token:
        raise ConfigError("--agent needs a token, and there is none", _MADE_BY)
    is_line = token.isascii() and token.decode("ascii").isprintable()  # or no header could bring it
    if not is_line or len(token) < _SHORTEST_TOKEN:
        raise ConfigError(
            f"the token of the agent is not one line of at least {_SHORTEST_TOKEN} characters",
            _MADE_BY,
        )
    return token


def _read(path: str) -> bytes:
    from secretctl.cli.keyfile import read_private

    try:
        return read_private(path, "token of the agent")
    except SecretctlError as error:
        error.hints = error.hints or (_MADE_BY,)
        raise
