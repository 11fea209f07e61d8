"""The configuration file, and what is chosen from it, from the environment and from flags.

``config.toml`` holds ``vault``, ``region``, ``output``, ``account`` and ``audit.names`` at its top
level, which is the profile ``default``, and the same keys in each ``[profile.NAME]``; also the
credential of a principal, which holds for its own profile alone. What is chosen, first found wins:
flag, environment, the profile, the top level, the default.

The file is looked for in the user's configuration folder or at SECRETCTL_CONFIG, never in the
working folder.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from secretctl.cli import credentials, places
from secretctl.cli.config_file import (
    DEFAULT_PROFILE,
    Config,
    is_profile_name,
    load,
    shown_name,
)
from secretctl.cli.config_values import CREDENTIAL, KEYS, example, problem
from secretctl.cli.options import Globals
from secretctl.domain.credential import Given
from secretctl.errors import ConfigError, UsageError
from secretctl.record import NamedTuple

__all__ = ["Config", "Settings", "get", "listing", "load", "set_", "settings", "vaults"]

NOT_SET = "<not set>"

_ENVIRONMENT = {
    "vault": ("SECRETCTL_VAULT",),
    "region": ("AWS_REGION", "AWS_DEFAULT_REGION"),
    "output": ("SECRETCTL_OUTPUT", "AWS_DEFAULT_OUTPUT"),
    "account": (),
    "audit.names": (),
    "aws_access_key_id": ("SECRETCTL_ACCESS_KEY_ID",),
    "aws_secret_access_key": ("SECRETCTL_SECRET_ACCESS_KEY",),
    "aws_session_token": ("SECRETCTL_SESSION_TOKEN",),
}
_DIRECT = KEYS[: -len(CREDENTIAL)]
_DEFAULTS = {"region": "us-east-1", "output": "json", "audit.names": "plain"}


class Settings(NamedTuple):
    """What holds for this run."""

    vault: str
    """Absolute path of the vault's folder."""

    region: str
    output: str
    account: str | None
    """Twelve digits, for a vault still to be made."""

    profile: str | None
    """The profile chosen; None for the top level."""

    vault_chosen: str
    """By what the vault was chosen: ``manual``, ``env``, ``config-file`` or ``default``."""

    names: str = "plain"
    """How names of secrets stand in the journal: ``plain`` or ``hmac``."""

    credential: Given | None = None
    """Of the principal that opens the vault; None for its owner."""

    region_chosen: str = "default"
    """By what the region was chosen, as for the vault."""

    endpoint: Globals | None = None
    """Options that say which endpoint is asked in the place of a vault, and how."""


class Found(NamedTuple):
    """A setting and where it was found."""

    value: str
    kind: str
    """``manual``, ``env``, ``config-file`` or ``default``."""

    location: str


def settings(
    config: Config,
    profile: str | None,
    flags: Globals,
    environ: Mapping[str, str],
    *,
    has_vault: bool = True,
) -> Settings:
    """Choose what holds for this run.

    Args:
        config: the configuration file.
        profile: as given by ``--profile``; SECRETCTL_PROFILE stands in for it.
        flags: the other flags.
        environ: the environment.
        has_vault: whether there has to be a place for one.

    Raises:
        ConfigError: no such profile, or a value in the environment has no meaning.
    """
    chosen = profile_name(profile, environ)
    section = _section(config, chosen)
    given = {"vault": flags.vault, "region": flags.region, "output": flags.output}
    vault, region, output, account, names = [
        _find(key, given.get(key), config, section, environ) for key in _DIRECT
    ]
    default = places.default_vault(environ) if has_vault and not vault else ""
    return Settings(
        vault=_folder(vault, environ) if vault else default,
        region=region.value if region else _DEFAULTS["region"],
        output=output.value if output else _DEFAULTS["output"],
        account=account.value if account else None,
        profile=chosen,
        vault_chosen=vault.kind if vault else "default",
        names=names.value if names else _DEFAULTS["audit.names"],
        credential=credentials.chosen(
            config.top if section is None else section, environ, is_profile_named=bool(profile)
        ),
        region_chosen=region.kind if region else "default",
    )


def profile_name(profile: str | None, environ: Mapping[str, str]) -> str | None:
    """Return the profile chosen; None for the top level, also called ``default``."""
    chosen = profile or environ.get("SECRETCTL_PROFILE") or DEFAULT_PROFILE
    return None if chosen == DEFAULT_PROFILE else chosen


def get(environ: Mapping[str, str], key: str, profile: str | None = None) -> str | None:
    """Return the value of *key* in the file, in that profile alone, as ``aws configure get``.

    Args:
        environ: the environment.
        key: ``region``, or ``profile.NAME.region``.
        profile: the profile, where *key* does not name one.

    Raises:
        ConfigError: the file cannot be used or has no such profile.
        UsageError: there is no such key.
    """
    name, key = split_key(key, profile, environ)
    config = load(environ)
    section = _section(config, name)
    return (config.top if section is None else section).get(key)


def listing(
    environ: Mapping[str, str], profile: str | None = None, flags: Globals | None = None
) -> list[tuple[str, str, str, str]]:
    """Return name, value, kind and location of each setting, as ``aws configure list``."""
    given = {"region": flags.region, "output": flags.output} if flags else {}
    config = load(environ)
    chosen = profile_name(profile, environ)
    section = _section(config, chosen)
    if chosen is None:
        rows = [("profile", NOT_SET, "None", "None")]
    elif profile:
        rows = [("profile", chosen, "manual", "--profile")]
    else:
        rows = [("profile", chosen, "env", "SECRETCTL_PROFILE")]
    for key in KEYS:
        found = _find(key, given.get(key), config, section, environ)
        if found is not None:
            found = found._replace(value=credentials.masked(key, found.value))
        if found is None and key == "vault":
            found = Found(places.default_vault(environ), "default", "")
        elif found is None and key in _DEFAULTS:
            found = Found(_DEFAULTS[key], "default", "")
        rows.append((key, *found) if found else (key, NOT_SET, "None", "None"))
    return rows


def set_(environ: Mapping[str, str], key: str, value: str, profile: str | None = None) -> None:
    """Write *value* for *key* into the file; an empty one takes the key out.

    The file is replaced as a whole, mode 0600; comments in it are lost.

    Args:
        environ: the environment.
        key: ``region``, or ``profile.NAME.region``.
        value: the new value.
        profile: the profile, where *key* does not name one; it is made where there is none.

    Raises:
        ConfigError: the file is not TOML, or cannot be written.
        UsageError: there is no such key, or *value* has no meaning for it.
    """
    name, key = split_key(key, profile, environ)
    wrong = problem(key, value) if value else None
    if wrong:
        right = f"secretctl configure set {key} {example(key)}"
        chosen = f" --profile {name}" if name is not None and is_profile_name(name) else ""
        raise UsageError(f"the value for '{key}' {wrong}", right + chosen)
    if name is not None and not is_profile_name(name):
        raise UsageError(
            "the name of a profile is at most 64 letters, digits and _ . @ + -",
            "secretctl configure set region eu-west-1 --profile NAME",
        )
    from secretctl.cli.config_change import change

    change(environ, name, key, value)


def split_key(key: str, profile: str | None, environ: Mapping[str, str]) -> tuple[str | None, str]:
    """Divide ``profile.NAME.KEY`` into profile and key; both may hold dots.

    Raises:
        UsageError: there is no such key, or two profiles were named.
    """
    name = profile_name(profile, environ)
    if key.startswith("profile."):
        rest = key.removeprefix("profile.")
        known = next((each for each in KEYS if rest.endswith("." + each)), "")
        key = known or rest.rpartition(".")[2]
        named = rest.removesuffix(key).removesuffix(".")
        if not named or (profile and named != profile):
            raise UsageError("one profile must be named", "secretctl configure set region X")
        name = None if named == DEFAULT_PROFILE else named
    if key not in KEYS:
        from secretctl.cli.suggest import hints

        raise UsageError(
            "there is no such setting", *hints(key, KEYS), f"settings: {', '.join(KEYS)}"
        )
    return name, key


def _section(config: Config, profile: str | None) -> dict[str, str] | None:
    if profile is None:
        return None
    if profile not in config.profiles:
        from secretctl.cli.suggest import hints

        shown = shown_name(profile)
        raise ConfigError(
            f"there is no profile '{shown}' in the configuration file",
            *hints(profile, config.profiles),
            f"secretctl configure set vault DIR --profile {shown}",
        )
    return config.profiles[profile]


def _find(
    key: str,
    given: str | None,
    config: Config,
    section: dict[str, str] | None,
    environ: Mapping[str, str],
) -> Found | None:
    if given:
        wrong = None if key == "vault" else problem(key, given)
        if wrong:
            raise ConfigError(
                f"the value of --{key} {wrong}", f"for example --{key} {example(key)}"
            )
        return Found(given, "manual", f"--{key}")
    for name in _ENVIRONMENT[key]:
        value = environ.get(name)
        if value:
            wrong = None if key == "vault" else problem(key, value)
            if wrong:
                raise ConfigError(f"the value of {name} {wrong}", f"unset {name}")
            return Found(value, "env", name)
    above = config.top if section is None or key not in CREDENTIAL else {}
    value = (section or {}).get(key) or above.get(key)
    return Found(value, "config-file", config.path) if value else None


def vaults(config: Config, environ: Mapping[str, str]) -> list[str]:
    """Return the folders of all vaults that the configuration file and the environment name."""
    sections = (config.top, *config.profiles.values())
    named = [Found(each["vault"], "config-file", "") for each in sections if "vault" in each]
    chosen = environ.get("SECRETCTL_VAULT")
    named += [Found(chosen, "env", "")] if chosen else []
    return [_folder(each, environ) for each in named]


def _folder(vault: Found, environ: Mapping[str, str]) -> str:
    if vault.kind == "config-file" and vault.value.startswith("~/"):
        below = vault.value.removeprefix("~/")
        return os.path.join(places.home(environ, "--vault"), below)
    return os.path.abspath(vault.value)
