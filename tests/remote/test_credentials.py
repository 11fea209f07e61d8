"""Whose credential signs: as botocore finds it in the same files and variables."""

import os
import stat
import sys
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import BotoCoreError
from hypothesis import given, settings
from hypothesis import strategies as st

from secretctl import remote
from secretctl.cli.reaching import _runner
from secretctl.errors import ConfigError, SecretctlError, UnsafePermissionsError
from secretctl.remote import credentials, profiles
from tests.conftest import START_MS, World
from tests.remote import peers
from tests.remote.peers import Canned

PRINTS = '{"Version": 1, "AccessKeyId": "P", "SecretAccessKey": "p", "SessionToken": "t"'
LATER, BEFORE = "2999-01-01T00:00:00Z", "2001-01-01T00:00:00Z"
ENVIRONMENT = {"AWS_ACCESS_KEY_ID": "E", "AWS_SECRET_ACCESS_KEY": "e", "AWS_SESSION_TOKEN": "s"}
CONFIG = """
[default]
region = eu-west-1
aws_access_key_id = C
aws_secret_access_key = c
s3 =
    max_concurrent_requests = 20
[profile other]
aws_access_key_id = O
aws_secret_access_key = o
# a remark
[profile "with blank"]
region=eu-west-2
aws_access_key_id = W
[profile both]
aws_access_key_id = X
aws_secret_access_key = x
ca_bundle = ~/ca.pem
[preview]
cloudfront = true
"""
CREDENTIALS = """
[both]
aws_access_key_id = B
aws_secret_access_key = b
[here]
aws_access_key_id = H
aws_secret_access_key = h
aws_session_token = z
[older]
aws_access_key_id = D
aws_secret_access_key = d
aws_security_token = older
[partial]
aws_access_key_id = I
"""
NAMES = ["", "default", "other", "with blank", "both", "here", "older", "partial", "none"]


class Files:
    """AWS's two files in a home."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.folder = world.home / ".aws"
        self.folder.mkdir()
        self.environ = dict(world.context.environ)

    def write(self, config: str = CONFIG, secret: str = CREDENTIALS) -> None:
        """Write them."""
        (self.folder / "config").write_text(config)
        (self.folder / "credentials").write_text(secret)

    def find(self, name: str = "", **more: str) -> tuple[str, str, str]:
        """Return the credential of the profile *name*."""
        environ = self.environ | more
        found = credentials.find(
            profiles.chosen(name, environ),
            environ,
            START_MS,
            _runner(self.world.context._replace(environ=environ)),
            is_named=bool(name),
        )
        return found.key_id, found.secret, found.session_token


@pytest.fixture
def files(world: World, monkeypatch: pytest.MonkeyPatch) -> Files:
    """Files in a home that is also botocore's."""
    made = Files(world)
    for name in [each for each in os.environ if each.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(world.home))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return made


def of_botocore(name: str) -> object:
    """Return what botocore finds, or that it refuses."""
    try:
        session = botocore.session.Session(profile=name or None)
        session.get_scoped_config()
        found = session.get_credentials()
    except BotoCoreError:
        return "refused"
    return (found.access_key, found.secret_key, found.token or "") if found else "refused"


@pytest.mark.parametrize(
    "environ",
    [
        *({}, ENVIRONMENT, {"AWS_SECRET_ACCESS_KEY": "e"}),
        *(ENVIRONMENT | {"AWS_SECURITY_TOKEN": each} for each in ("older", "")),
    ],
)
@pytest.mark.parametrize("by_variable", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_the_credential_is_the_one_that_botocore_finds(
    name: str,
    by_variable: bool,  # noqa: FBT001 drawn
    environ: dict[str, str],
    files: Files,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In the environment, in one file, in the other, or nowhere; by an option or a variable."""
    files.write()
    given = environ | ({"AWS_PROFILE": name} if by_variable and name else {})
    for each, value in given.items():
        monkeypatch.setenv(each, value)
    named = "" if by_variable else name
    try:
        found: object = files.find(named, **given)
    except ConfigError:
        found = "refused"
    assert found == of_botocore(named)


LINES = st.sampled_from(
    [
        *("[default]", "[a]", "[profile a]", '[profile "a"]', "[profile]", "region = x"),
        *("aws_access_key_id = K", "aws_secret_access_key = k", "aws_session_token=", " x = y"),
        *("aws_security_token = older", "aws_session_token = newer"),
        *("# c", "; c", "", "=", "nonsense", "aws_access_key_id: J", "s3 =", "  b = c"),
    ]
)
TEXTS = st.lists(LINES, max_size=8).map("\n".join)


@given(config=TEXTS, secret=TEXTS, name=st.sampled_from(["", "a"]))
@settings(max_examples=60, deadline=None)
def test_whatever_stands_in_the_files_is_read_as_botocore_reads_it(
    config: str, secret: str, name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Found by both, or refused by both."""
    home = tmp_path_factory.mktemp("home")
    (home / "config").write_text(config)
    (home / "credentials").write_text(secret)
    environ = {
        "HOME": str(home),
        "AWS_CONFIG_FILE": str(home / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(home / "credentials"),
    }
    with pytest.MonkeyPatch.context() as patched:
        for each in [each for each in os.environ if each.startswith("AWS_")]:
            patched.delenv(each)
        for each, value in environ.items():
            patched.setenv(each, value)
        patched.setenv("AWS_EC2_METADATA_DISABLED", "true")
        theirs = of_botocore(name)
        try:
            profile = profiles.chosen(name, environ)
            found: Any = credentials.find(
                profile, environ, START_MS, lambda *_: b"", is_named=bool(name)
            )
            ours: object = (found.key_id, found.secret, found.session_token)
        except ConfigError:
            ours = "refused"
    assert ours == theirs


def test_a_profile_says_more_than_a_credential(files: Files) -> None:
    """Region and authorities; the file of credentials goes before the other."""
    files.write()
    assert profiles.chosen("with blank", files.environ).get("region") == "eu-west-2"
    assert profiles.chosen("both", files.environ).get("ca_bundle") == "~/ca.pem"
    assert profiles.chosen("both", files.environ).get("aws_access_key_id") == "B"
    assert profiles.chosen("", files.environ | {"AWS_DEFAULT_PROFILE": "here"}).name == "here"


def test_files_may_lie_elsewhere(files: Files, tmp_path: Path) -> None:
    """Where AWS's variables say; a tilde is the home."""
    (tmp_path / "c").write_text("[elsewhere]\naws_access_key_id=A\naws_secret_access_key=a\n")
    (files.world.home / "d").write_text("[profile more]\nregion = r\n")
    more = {"AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "c"), "AWS_CONFIG_FILE": "~/d"}
    assert files.find("elsewhere", **more) == ("A", "a", "")
    assert profiles.chosen("more", files.environ | more).get("region") == "r"


@pytest.mark.parametrize("content", [b"hunter2\n", b"[a]\nhunter2", b"[a]\nx=\xff", b"[a]\n[a]\n"])
def test_a_file_that_cannot_be_read_is_named_and_not_quoted(content: bytes, files: Files) -> None:
    """A line of it may be a secret."""
    (files.folder / "credentials").write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        files.find()
    assert str(files.folder / "credentials") in caught.value.message
    assert "hunter2" not in f"{caught.value.message}{caught.value.hints}"
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("variable", ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"])
def test_a_named_pipe_is_waited_for_by_nobody(variable: str, files: Files, tmp_path: Path) -> None:
    """It is no file of profiles."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ConfigError, match="cannot be read: it is a pipe"):
        files.find(**{variable: str(tmp_path / "pipe")})


def test_no_secret_is_shown() -> None:
    """Of a profile its repr shows the name alone."""
    profile = profiles.Profile("a", {}, {"aws_secret_access_key": "hunter2"}, "", "")
    assert repr(profile) == "<profile a>"


def process(files: Files, script: str, **more: str) -> tuple[str, str, str]:
    """Return the credential that a program prints."""
    program = files.world.home / "program"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o700)
    files.write(f"[default]\ncredential_process = {program} 'an argument'\n", "")
    return files.find(**more)


@pytest.mark.parametrize("rest", ["}", f', "Expiration": "{LATER}", "New": 1}}', "}\n\n"])
def test_a_program_prints_the_credential(rest: str, files: Files) -> None:
    """It is given its arguments, and none of our own variables."""
    script = f"""test "$1" = 'an argument' && test -z "$SECRETCTL_PASSPHRASE" || exit 1
cat <<'END'
{PRINTS}{rest}
END"""
    assert process(files, script, SECRETCTL_PASSPHRASE="x") == ("P", "p", "t")


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("exit 3", "failed: exit status 3"),
        ("echo hunter2", "printed no whole credential"),
        ("echo '{\"Version\": 2}'", "printed no whole credential"),
        ('echo \'{"Version": 1, "AccessKeyId": "hunter2"}\'', "printed no whole credential"),
        (f'echo \'{PRINTS}, "Expiration": "{BEFORE}"}}\'', "has expired"),
        ("head -c 100000 /dev/zero", "printed more than 65536 bytes"),
    ],
)
def test_a_program_that_prints_none_is_told_of(script: str, reason: str, files: Files) -> None:
    """By the profile's name, never by what it printed."""
    with pytest.raises(SecretctlError) as caught:
        process(files, script)
    assert type(caught.value) is ConfigError
    assert caught.value.message.startswith("credential_process of the profile (default) ")
    assert reason in caught.value.message
    assert "hunter2" not in f"{caught.value.message}{caught.value.hints}"


@pytest.mark.parametrize("which", ["config", "credentials"])
def test_no_program_is_run_that_somebody_else_may_name(which: str, files: Files) -> None:
    """A file that others may write could name any."""
    line = "[default]\ncredential_process = touch ran\n"
    files.write(*((line, "") if which == "config" else ("", line)))
    path = files.folder / which
    path.chmod(path.stat().st_mode | stat.S_IWGRP)
    with pytest.raises(UnsafePermissionsError, match="others may write"):
        files.find()


FETCHED = [
    "role_arn = arn:aws:iam::123456789012:role/r\nsource_profile = here",
    "sso_session = s",
    "sso_start_url = https://a",
    "web_identity_token_file = /x\nrole_arn = arn",
]


@pytest.mark.parametrize("lines", FETCHED)
def test_a_role_needs_botocore(lines: str, files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is not installed, that is said, and what installs it."""
    files.write(f"[profile r]\n{lines}\n")
    monkeypatch.setitem(sys.modules, "botocore.session", None)
    monkeypatch.delitem(sys.modules, "secretctl.remote.with_botocore", raising=False)
    monkeypatch.delattr(remote, "with_botocore", raising=False)
    with pytest.raises(ConfigError, match="needs botocore") as caught:
        files.find("r")
    assert caught.value.hints == ("pip install 'secretctl[aws]'",)
    with pytest.raises(ConfigError, match=r"^unable to locate credentials"):
        files.find(AWS_CONFIG_FILE="/dev/null")


STS = """<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
<Credentials><AccessKeyId>K</AccessKeyId><SecretAccessKey>k</SecretAccessKey>
<SessionToken>t</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration></Credentials>
</AssumeRoleResult></AssumeRoleResponse>"""


def test_a_role_is_assumed_by_botocore_with_the_keys_of_another_profile(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By ``--profile`` or by a variable; the request is signed by the source profile."""
    files.write(f"[profile r]\nregion = eu-west-1\n{FETCHED[0]}\n")
    closing = (("Connection", "close"),)
    with peers.saying(Canned(200, STS.encode(), closing)) as peer:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", peer.url)
        assert files.find("r") == ("K", "k", "t")
        monkeypatch.setenv("AWS_PROFILE", "r")
        assert files.find(AWS_PROFILE="r") == ("K", "k", "t")
        for seen in peer.seen:
            assert b"RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fr" in seen.body
            assert "Credential=H/" in seen.headers["authorization"]


def test_what_a_container_has_is_fetched_by_botocore(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From where a variable says, when nothing nearer names who asks."""
    said = '{"AccessKeyId": "K", "SecretAccessKey": "k", "Token": "t"'
    body = f'{said}, "Expiration": "{LATER}"}}'.encode()
    with peers.saying(Canned(200, body, (("Connection", "close"),))) as peer:
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{peer.url}/role")
        assert files.find() == ("K", "k", "t")
        assert peer.seen[0].path == "/role"


def test_what_botocore_cannot_fetch_is_told_in_its_words(files: Files) -> None:
    """A sign-in that never was, or a token that is not there."""
    account = "sso_account_id = 123456789012\nsso_role_name = r\n"
    session = "[sso-session s]\nsso_start_url = https://a\nsso_region = us-east-1\n"
    files.write(f"[profile s]\nsso_session = s\n{account}{session}[profile w]\n{FETCHED[3]}\n")
    for name in ("s", "w"):
        with pytest.raises(ConfigError, match=r"^no credentials: "):
            files.find(name)


def test_where_nothing_says_who_asks_that_is_said(files: Files) -> None:
    """With what says it; a part of a credential is none."""
    with pytest.raises(ConfigError, match=r"^unable to locate credentials") as caught:
        files.find()
    assert "AWS_ACCESS_KEY_ID" in caught.value.hints[-1]
    with pytest.raises(ConfigError, match="a character that none has") as caught:
        files.find(AWS_ACCESS_KEY_ID="a", AWS_SECRET_ACCESS_KEY="hunter2\n")
    assert "hunter2" not in caught.value.message
    with pytest.raises(ConfigError, match="missing: AWS_SECRET_ACCESS_KEY"):
        files.find(AWS_ACCESS_KEY_ID="hunter2")
