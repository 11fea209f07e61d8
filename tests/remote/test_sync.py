"""``sync``: secrets of one place in another, said by name, never with a value."""

import json
from pathlib import Path

import pytest
from botocore.session import Session

from secretctl.cli import endpoint
from secretctl.cli.options import Globals
from secretctl.cli.reaching import region_of, url_of_aws
from secretctl.vault import layout
from tests.cli.machine import Machine
from tests.conftest import World, world_in
from tests.remote import peers
from tests.remote.peers import Canned, Peer
from tests.vault.stored import change, of_kind, records_of


@pytest.fixture
def here(machine: Machine) -> Machine:
    """A machine with a vault and an access key of AWS."""
    assert machine("init").status == 0
    return machine


def test_secrets_go_to_an_endpoint_and_come_back(here: Machine, peer: Peer, tmp_path: Path) -> None:
    """A dry run says what would be done; the diff names what differs, never a value."""
    secret = ("--secret-string", "hunter2")
    here(
        "create-secret", "--name", "app/a", *secret, "--description", "d", "--tags", "Key=t,Value=1"
    )
    here("create-secret", "--name", "other", *secret)
    there = ("sync", "--from", "vault", "--to", peer.url, "--prefix", "app/")
    dry = here(*there, "--dry-run")
    line = "create    app/a: AWSCURRENT, description, tags (+t)\n"
    assert dry.stdout == f"{line}nothing was changed; it would be: 1 created\n"
    assert (
        here("list-secrets", "--endpoint-url", peer.url, "--query", "SecretList").stdout == "[]\n"
    )
    done = here(*there)
    assert (done.status, done.stdout, done.stderr) == (0, f"{line}1 created\n", "")
    assert here(*there).stdout == "1 unchanged\n"
    assert "hunter2" not in dry.stdout + done.stdout
    back = Machine(world_in(tmp_path / "back"))
    back.environ = here.environ
    back("init")
    assert back("sync", "--from", peer.url, "--to", "vault").stdout == f"{line}1 created\n"
    assert back("get", "app/a").stdout == "hunter2"


def test_a_vault_has_the_region_of_what_it_is_synced_with(here: Machine, peer: Peer) -> None:
    """Unless another is named."""
    here("create-secret", "--name", "a", "--secret-string", "v", "--region", "eu-north-1")
    (here.world.home / ".aws").mkdir()
    (here.world.home / ".aws/config").write_text("[default]\nregion = eu-north-1\n")
    there = ("sync", "--from", "vault", "--to", peer.url)
    assert here(*there, "--dry-run").stdout.startswith("create    a: ")
    other = here(*there, "--dry-run", "--region", "eu-west-1").stdout
    assert other == "nothing was changed; it would be: no secrets\n"


def test_what_was_done_is_told_where_the_other_end_goes(here: Machine) -> None:
    """And that the same command goes on."""
    for name in ("a", "b"):
        here("create-secret", "--name", name, "--secret-string", "v")
    answer = Canned(200, b'{"ARN": "a"}')
    first = [peers.refused("ResourceNotFoundException"), answer, answer]
    with peers.saying(*first, Canned(302)) as peer:
        done = here("sync", "--from", "vault", "--to", peer.url)
    assert (done.status, done.stdout) == (255, "create    a: AWSCURRENT\n")
    assert "hint: the same command goes on from here" in done.stderr


def test_what_is_refused_is_named_and_the_others_are_copied(here: Machine, peer: Peer) -> None:
    """The status is that of a service that refused; the same command goes on."""
    for name in ("a", "b"):
        here("create-secret", "--name", name, "--secret-string", "v")
    there = ("--endpoint-url", peer.url)
    here("create-secret", "--name", "a", "--secret-string", "w", *there)
    here("delete-secret", "--secret-id", "a", *there)
    done = here("sync", "--from", "vault", "--to", peer.url)
    assert (done.status, done.stdout.partition("\n")[0]) == (254, "create    b: AWSCURRENT")
    assert "'a': You can't perform this operation on the secret because it was" in done.stderr
    assert "(InvalidRequestException): 1 secret of 2 cannot be copied." in done.stderr


@pytest.mark.parametrize("is_source", [True, False])
def test_what_is_damaged_is_named_and_the_others_are_copied(
    here: Machine, peer: Peer, *, is_source: bool
) -> None:
    """A value of the vault that is read, the record of a secret of the one that is written."""
    there = ("--endpoint-url", peer.url)
    for name in ("a", "b"):
        words = ("create-secret", "--name", name, "--secret-string", "v")
        assert here(*words, *(() if is_source else there)).status == 0
    if not is_source:
        here("create-secret", "--name", "a", "--secret-string", "v")
    path = Path(here.world.directory) / "vault.db"
    records = records_of(path)
    key = of_kind(records, layout.VALUE if is_source else layout.SECRET)[0]
    change(path, {key: records[key][:-1] + bytes([records[key][-1] ^ 1])})
    places = ("vault", peer.url) if is_source else (peer.url, "vault")
    done = here("sync", "--from", places[0], "--to", places[1])
    assert (done.status, done.stdout) == (254, "create    b: AWSCURRENT\n1 created\n")
    what, code = (
        ("a version's value was changed", "DecryptionFailure")
        if is_source
        else ("a record of the vault is damaged", "InternalServiceError")
    )
    assert done.stderr == (
        f"secretctl: 'a': {what}\n\n"
        f"An error occurred ({code}): 1 secret of 2 cannot be copied.\n"
        "secretctl: hint: secretctl fsck\n"
    )


def test_what_was_copied_of_a_secret_that_is_refused_is_said(here: Machine, peer: Peer) -> None:
    """The policy names a user whom only the source has: the value stays away."""
    statement = {"Effect": "Deny", "Action": "*", "Resource": "*"}
    here("iam", "create-user", "--user-name", "u")
    here("create-secret", "--name", "a", "--secret-string", "v", "--description", "d")
    principal = {"AWS": "arn:aws:iam::000000000000:user/u"}
    policy = {"Version": "2012-10-17", "Statement": {**statement, "Principal": principal}}
    put = ("put-resource-policy", "--secret-id", "a", "--resource-policy", json.dumps(policy))
    assert here(*put).status == 0
    done = here("sync", "--from", "vault", "--to", peer.url)
    assert done.status == 254
    refused = "'a': This resource policy contains an unsupported principal."
    assert f"{refused} Copied before that: name, description." in done.stderr
    assert done.stdout == "none of 1 secret\n"
    there = ("--endpoint-url", peer.url)
    assert "AWSCURRENT" in here("get", "a", *there).stderr
    done = here("sync", "--from", "vault", "--to", peer.url, "--without-policies")
    assert (done.stdout, here("get", "a", *there).stdout) == (
        "change    a: AWSCURRENT\n1 changed\n",
        "v",
    )


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        ("--from vault --to vault", 252, "--from and --to are one place"),
        ("--from URL --to URL", 252, "--from and --to are one place"),
        ("--from URL --to URL/", 252, "--from and --to are one place"),
        ("--from https://A.test --to https://a.test:443/", 252, "--from and --to are one place"),
        ("--from URL --to https://u:hunter2@a", 253, "holds a user or a password"),
        ("--from aws --to aws --region eu-west-1", 252, "--from and --to are one place"),
        ("--from vault --to elsewhere", 252, "argument --to: it is none of aws, vault and a URL"),
        ("--from vault", 252, "the following arguments are required: --to"),
        ("--from URL --to aws --vault v", 252, "--vault is for a place that is called vault"),
        ("--from vault --to URL --endpoint-url URL", 252, "takes no --endpoint-url"),
        ("--from aws --to vault", 253, "no region says which of AWS's is meant"),
        ("--from vault --to http://10.0.0.1", 253, "over http, which encrypts nothing"),
        ("--from http://127.0.0.1:1 --to vault", 255, "Could not connect to the endpoint URL"),
        ("--from URL --to vault --profile none", 253, "the config profile (none) could not be"),
    ],
)
def test_places_that_make_no_sense_are_refused(
    words: str,
    status: int,
    sentence: str,
    here: Machine,
    peer: Peer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Before anything is read."""
    monkeypatch.setattr("time.sleep", lambda _: None)
    done = here("sync", *words.replace("URL", peer.url).split())
    assert (done.status, sentence in done.stderr) == (status, True), done.stderr
    assert not peer.seen


def test_where_a_vault_is_not_it_is_not_made(machine: Machine, peer: Peer) -> None:
    """Copying into the wrong place would make one."""
    done = machine("sync", "--from", peer.url, "--to", "vault")
    assert (done.status, "there is no vault" in done.stderr) == (253, True)
    assert not Path(machine.world.directory).exists()


def test_aws_is_that_of_the_region(world: World) -> None:
    """The URL is made of it, in the domain that botocore has for it; it is told from that again."""
    for partition in Session().get_data("endpoints")["partitions"]:
        region = next(iter(partition["regions"]))
        host = f"secretsmanager.{region}.{partition['dnsSuffix']}"
        flags = Globals(region=region)
        settings = endpoint.at("aws", flags, world.context)
        url = url_of_aws(flags, settings, world.context)
        assert url == f"https://{host}"
        elsewhere = endpoint.at(url, Globals(), world.context)
        assert region_of(elsewhere, world.context) == region


@pytest.mark.parametrize("region", ["evil.example:8443/", "Bad Region", "../../evil", "a_b", "-a"])
def test_a_region_of_a_profile_is_one(region: str, here: Machine, peer: Peer) -> None:
    """It would choose the host that secrets are sent to, or a region that no command can name."""
    (here.world.home / ".aws").mkdir()
    (here.world.home / ".aws/config").write_text(f"[default]\nregion = {region}\n")
    here("create-secret", "--name", "a", "--secret-string", "v", "--endpoint-url", peer.url)
    for words in (
        "--from vault --to aws",
        "--from aws --to vault",
        f"--from {peer.url} --to vault",
    ):
        done = here("sync", *words.split())
        assert done.status == 253
        assert "region of the profile (default) is not the name of a region" in done.stderr
        assert region not in done.stderr
    assert here("sync", "--from", peer.url, "--to", "vault", "--region", "us-east-1").status == 0


@pytest.mark.parametrize(
    "host",
    [
        "secretsmanager-fips.us-gov-west-1.amazonaws.com",
        "secretsmanager.us-gov-west-1.api.aws",
        "vpce-0a1b2c-3d4e5f6.secretsmanager.us-gov-west-1.vpce.amazonaws.com",
    ],
)
def test_a_host_of_aws_names_its_region(host: str, world: World) -> None:
    """Requests are signed for it, whatever the environment says."""
    context = world.context._replace(environ={**world.context.environ, "AWS_REGION": "eu-west-1"})
    found = endpoint.at(f"https://{host}", Globals(), context)
    assert region_of(found, context) == "us-gov-west-1"
    other = endpoint.at(f"https://{host}.example", Globals(), context)
    assert region_of(other, context) == "eu-west-1"


def test_each_place_may_have_a_profile_of_its_own(
    here: Machine, peer: Peer, tmp_path: Path
) -> None:
    """Two endpoints have no key in common; a place named twice is two with two profiles."""
    (here.world.home / ".aws").mkdir()
    sections = [
        f"[{name}]\naws_access_key_id = AKID{name}\naws_secret_access_key = s\nregion = {region}\n"
        for name, region in (("one", "eu-west-1"), ("two", "eu-west-2"))
    ]
    (here.world.home / ".aws/credentials").write_text("".join(sections))
    here("create-secret", "--name", "a", "--secret-string", "v", "--endpoint-url", peer.url)
    with peers.vault(tmp_path / "third") as third:
        words = ("--from", peer.url, "--to", third.url)
        del peer.seen[:]
        done = here("sync", *words, "--from-profile", "one", "--to-profile", "two")
        assert (done.status, done.stdout) == (0, "create    a: AWSCURRENT\n1 created\n")
        for seen, scope in ((peer.seen, "one/"), (third.seen, "two/")):
            signed = {each.headers["authorization"].split("=")[1].split(",")[0] for each in seen}
            (only,) = signed
            assert only.startswith(f"AKID{scope}")
            assert f"/eu-west-{'1' if scope == 'one/' else '2'}/" in only
        done = here("sync", *words, "--to-profile", "none")
        assert "the config profile (none) could not be found" in done.stderr
    no = peers.refused("UnrecognizedClientException", "No.")._replace(
        headers=(("Connection", "close"),)
    )
    with peers.saying(no) as one:
        both = ("--from", one.url, "--to", one.url)
        done = here("sync", *both, "--from-profile", "one", "--to-profile", "two")
        assert "hint: that is what --from answers: --from-profile NAME" in done.stderr
    wrong = here("sync", "--from", "vault", "--to", peer.url, "--from-profile", "one")
    assert wrong.status == 252
    assert "argument --from-profile: a vault has no profile of AWS's files" in wrong.stderr


def test_a_credential_that_is_refused_ends_it_at_once(here: Machine) -> None:
    """All others would be refused likewise: which place says so is told."""
    for name in ("a", "b"):
        here("create-secret", "--name", name, "--secret-string", "v")
    with peers.saying(peers.refused("UnrecognizedClientException", "No.")) as peer:
        done = here("sync", "--from", "vault", "--to", peer.url)
        assert len(peer.seen) == 1
    assert (done.status, done.stdout) == (254, "")
    assert done.stderr == (
        "\nAn error occurred (UnrecognizedClientException): No.\n"
        "secretctl: hint: that is what --to answers: --to-profile NAME\n"
    )
