"""What a refusal is followed by: the next command, which exists, and only on the command line."""

import io
import shlex

import pytest

from secretctl.__main__ import main
from secretctl.cli import next_steps, suggest
from secretctl.cli.complete import COMMANDS, PEOPLE_COMMANDS, SUBCOMMANDS
from secretctl.cli.next_steps import after
from secretctl.errors import OwnerOnlyError, ServiceError
from secretctl.model.services import SERVICES, operations_of
from tests.access.conftest import Account
from tests.cli.test_carried import on_terminal
from tests.cli.test_people_words import said
from tests.conftest import World

REFUSED = {
    "describe-secret --secret-id nope": "secretctl list-secrets --query 'SecretList[].Name'",
    "rotation test nope": "secretctl list-secrets --query 'SecretList[].Name'",
    "get a?stage=X": "secretctl list-secret-version-ids --secret-id NAME shows versions and labels",
    "create-secret --name a --secret-string y": ("secretctl set NAME gives it another value"),
    "put-secret-value --secret-id a": "secretctl set NAME asks for the value",
    "iam get-user --user-name nope": "secretctl iam list-users --query 'Users[].UserName'",
    "iam get-role --role-name nope": "secretctl iam list-roles --query 'Roles[].RoleName'",
    "iam get-group --group-name nope": "secretctl iam list-groups --query 'Groups[].GroupName'",
    "iam get-policy --policy-arn arn:aws:iam::000000000000:policy/nope": (
        "secretctl iam list-policies --query 'Policies[].Arn'"
    ),
    "kms describe-key --key-id nope": (
        "secretctl kms list-aliases --query 'Aliases[].[AliasName,TargetKeyId]'"
    ),
    "kms describe-key --key-id alias/nope": (
        "secretctl kms list-aliases --query 'Aliases[].[AliasName,TargetKeyId]'"
    ),
}


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("line", "hint"), REFUSED.items())
def test_a_refusal_says_how_to_go_on(line: str, hint: str, world: World) -> None:
    """Behind AWS's sentence, where a person reads it; to a script that says AWS's alone."""
    assert main(["create-secret", "--name", "a", "--secret-string", "x"], world.context) == 0
    terminal = _Terminal()
    status = main([*line.split(), "--color", "off"], world.context._replace(stderr=terminal))
    assert status == 254
    if hint.startswith("secretctl") and "NAME" not in hint:
        assert main(shlex.split(hint)[1:], world.context) == 0
    assert terminal.getvalue().endswith(f"secretctl: hint: {hint}\n")
    assert said(line, world) == (
        254,
        terminal.getvalue().removesuffix(f"secretctl: hint: {hint}\n"),
    )


@pytest.mark.parametrize("command", ["get {}", "exec X={} -- true", "export X={} --format json"])
def test_who_reads_what_is_not_there_is_told_what_makes_it(command: str, world: World) -> None:
    """The secret, or the key of it; not for an older version, which stays as it is."""
    assert main(["create-secret", "--name", "a", "--secret-string", "{}"], world.context) == 0
    told = on_terminal(command.format("nope"), world.context)
    assert "hint: secretctl set --create NAME makes it\n" in told
    assert "hint: secretctl set 'a#b' adds the key\n" in said(command.format("a#b"), world)[1]
    assert (
        main(["put-secret-value", "--secret-id", "a", "--secret-string", "[]"], world.context) == 0
    )
    assert "adds the key" not in said(command.format("a#b?stage=AWSPREVIOUS"), world)[1]


def test_who_removes_what_is_not_there_is_not_told_what_makes_it(world: World) -> None:
    """A secret or a key: there is nothing more to do."""
    assert main(["create-secret", "--name", "a", "--secret-string", "{}"], world.context) == 0
    assert " set " not in on_terminal("delete-secret --secret-id nope", world.context)
    assert " set " not in on_terminal("unset a#b", world.context)


def test_what_says_more_by_itself_gets_no_second_hint(world: World) -> None:
    """And what nothing is known of gets none."""
    sentence = "Secrets Manager can't find the specified secret."
    assert after(ServiceError("ResourceNotFoundException", sentence), "", world.context)
    assert not after(
        ServiceError("ResourceNotFoundException", sentence, "a hint"), "", world.context
    )
    assert not after(ServiceError("OtherException", sentence), "", world.context)
    assert not after(ServiceError("ResourceNotFoundException", "Another."), "", world.context)
    assert not after(OwnerOnlyError(), "", world.context)


def test_who_was_denied_is_led_to_what_explains_it(world: World) -> None:
    """The journal says why, and needs no key; the command that is named has the answer."""
    root = Account(world.context)
    root.must("create-secret", "--name", "a", "--secret-string", "x")
    ci = root.user("ci")
    for line in ("get a", "list-secrets", "iam list-users", "exec a -- true", "check X=a"):
        told = on_terminal(
            line, world.context._replace(environ={**world.context.environ, **ci.environ})
        )
        assert told.endswith(
            "secretctl: hint: secretctl policy explain says why, and what would have to change\n"
        )
    assert ci("policy", "explain", "--output", "text").out.startswith("20")


@pytest.mark.parametrize(
    "line",
    [
        "get a --endpoint-url http://127.0.0.1:1",
        "--endpoint-url=http://127.0.0.1:1 list-secrets",
        "sync --from vault --to http://127.0.0.1:1",
    ],
)
def test_a_refusal_of_an_endpoint_is_not_explained_here(line: str, world: World) -> None:
    """Its journal is elsewhere; likewise where the environment names it."""
    refused = ServiceError("AccessDeniedException", "no")
    assert not after(refused, "", world.context._replace(argv=line.split()))
    environ = {**world.context.environ, "SECRETCTL_ENDPOINT_URL": "http://127.0.0.1:1"}
    named = world.context._replace(environ=environ)
    assert not after(refused, "", named._replace(argv=["get", "a"]))
    assert after(refused, "", named._replace(argv=["get", "a", "--vault", "v"]))
    assert after(refused, "", world.context._replace(argv=["get", "a"]))


def test_commands_that_are_named_exist() -> None:
    """Those of hints, and those that the words of other tools lead to."""
    named = [shlex.split(step)[1] for *_, step in next_steps._STEPS if step.startswith("secretctl")]
    assert set(named) <= set(COMMANDS)
    ours = {name for _, names in suggest._OTHER_WORDS for name in names}
    under = {each for names in SUBCOMMANDS.values() for each in names}
    under |= {f"{one} {each}" for one in SUBCOMMANDS for each in SUBCOMMANDS[one]}
    under |= {f"{one} {each}" for one in SERVICES for each in operations_of(one)}
    assert ours <= {*COMMANDS, *under, "lookup-events", "--version"}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("write", "set"),
        ("insert", "create-secret"),
        ("run", "exec"),
        ("show", "get"),
        ("print", "get"),
        ("encrypt", "import"),
        ("generate", "get-random-password"),
        ("log", "audit lookup-events"),
        ("version", "--version"),
        ("whoami", "sts get-caller-identity"),
        ("unlock-slot rm", "unlock-slot remove"),
        ("unlock-slot ls", "unlock-slot list"),
        ("vouching rm", "vouching drop"),
        ("audit log", "audit lookup-events"),
    ],
)
def test_words_of_other_tools_lead_to_ours(typed: str, meant: str, world: World) -> None:
    """Of pass, chamber, doppler and others, and of the shell; in a group, to one of its own."""
    status, text = said(typed, world)
    assert status == 252
    assert f"secretctl: hint: did you mean 'secretctl {meant}'?\n" in text


@pytest.mark.parametrize("command", [*PEOPLE_COMMANDS, *SERVICES])
def test_no_word_leads_out_of_its_group(command: str, world: World) -> None:
    """``audit ls`` is not ``audit list-secrets``."""
    for typed in ("ls", "rm", "set", "log"):
        if command in SUBCOMMANDS or command in SERVICES:
            _, text = said(f"{command} {typed}", world)
            assert "list-secrets" not in text
            assert "delete-secret" not in text


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("-v", "secretctl --version"),
        ("--Foo status", "secretctl --help"),
        ("--regoin x status", "did you mean --region?"),
        ("check a -z", "secretctl check --help"),
        ("check a --manfest x", "did you mean --manifest?"),
        ("exec --pristin a -- b", "did you mean --pristine?"),
        ("get #key", "secretctl get SECRET-ID#KEY"),
        ("get --secret-id a", "secretctl get --help"),
        ("import x --format josn", "--format json"),
        ("backup", "secretctl backup --help"),
        ("rotation allow prod/db", "secretctl rotation allow prod/db --read SECRET"),
        ("audit tail --lines x", "secretctl audit tail --help"),
        ("import x --format zzz", "--format dotenv"),
        ("export a --format env", "--format dotenv"),
        ("inject x --escape ymal", "--escape yaml"),
        ("completion zhs", "secretctl completion zsh"),
        ("audit export --format CSV", "--format csv"),
        ("unlock-slot add", "secretctl unlock-slot add --passphrase"),
        ("unlock-slot remove", "secretctl unlock-slot remove --help"),
        ("unlock-slot list --nope", "secretctl unlock-slot list --help"),
        ("rotation functions", "secretctl rotation functions --help"),
        ("create-secret", "secretctl create-secret --help"),
        ("iam create-user", "secretctl iam create-user --help"),
        ("policy simulate", "secretctl policy simulate --help"),
    ],
)
def test_hints_name_what_to_type(line: str, hint: str, world: World) -> None:
    """The nearest choice, or the help of that very command."""
    status, text = said(line, world)
    assert status == 252
    assert f"secretctl: hint: {hint}\n" in text


def test_a_vault_that_is_made_by_the_way_asks_for_a_copy_of_its_key(world: World) -> None:
    """As ``init`` does: without the key file every secret is lost."""
    stderr = io.StringIO()
    words = ["create-secret", "--name", "a", "--secret-string", '{"b": "c"}']
    assert main(words, world.context._replace(stderr=stderr)) == 0
    assert stderr.getvalue().endswith(
        "\nsecretctl: hint: keep a copy of that file elsewhere: "
        "without it the vault cannot be opened\n"
    )
    _, text = said("get a#B", world)
    assert text.endswith(
        "\nsecretctl: hint: case counts in keys: secretctl get a | jq keys\n"
        "secretctl: hint: secretctl set 'a#B' adds the key\n"
    )


def test_a_wrong_setting_is_answered_by_a_right_one(world: World) -> None:
    """Of the same key and profile."""
    _, text = said("configure set output josn", world)
    assert "secretctl: hint: secretctl configure set output json\n" in text
    _, text = said("configure set account 1 --profile work", world)
    assert "secretctl: hint: secretctl configure set account 123456789012 --profile work\n" in text


def test_a_source_that_is_given_is_not_said_to_be_missing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where ``--environment`` asks for a manifest, it is that which is not there."""
    monkeypatch.chdir(world.home)
    for line in ("exec --environment ci a -- true", "check --environment ci X=a"):
        status, text = said(line, world)
        assert status == 252
        assert "error: --environment is one of a manifest, and there is no 'secretctl.toml'" in text


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (
            "rotation functions add f --path x --timeout x",
            "argument --timeout: expected a whole number, 0 or more",
        ),
        (
            "rotation functions add f.g --path x",
            "a rotation function has a name that cannot be one",
        ),
        (
            "rotation functions add f --builtin nope",
            "the rotation function 'f' has a builtin that is none of builtin/password, ",
        ),
        ("restore nofile", "cannot restore the backup: No such file or directory"),
    ],
)
def test_what_is_wrong_is_said_of_what_was_typed(line: str, sentence: str, world: World) -> None:
    """Not of a file that nobody wrote, nor of what would be in the way if the name were right."""
    assert main(["init"], world.context) == 0
    status, text = said(line, world)
    assert status != 0
    assert f"secretctl: error: {sentence}" in text
    assert "configuration file" not in text


@pytest.mark.parametrize(
    ("typed", "known", "meant"),
    [
        ("--port", ["tls-cert", "listen"], "listen"),
        ("-o", ["optional", "out"], "out"),
        ("--value=x", ["vault", "from-file"], "from-file"),
        ("--value", ["vault"], "vault"),
        ("-k", ["keep"], None),
        ("--lisetn", ["listen"], "listen"),
    ],
)
def test_options_of_other_tools_lead_to_ours(
    typed: str, known: list[str], meant: str | None
) -> None:
    """Before what merely looks alike; of a single letter nothing else is guessed."""
    assert suggest.option(typed, known) == meant
