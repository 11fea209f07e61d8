"""Options of exec: where sources are found, and what becomes of variables that exist."""

import json
import os
from io import StringIO
from pathlib import Path

import pytest

from secretctl.cli import exec_plan
from secretctl.cli.exec import split
from secretctl.cli.exec_hints import expanded_too_soon
from secretctl.context import CHEAPEST, Context
from secretctl.delivery.references import Source, parse
from secretctl.errors import DeliveryError, UsageError
from tests.conftest import Service, World
from tests.faults.commands import separately

CANARY = "canary-d0c4"
ARN = "arn:aws:secretsmanager:us-east-1:000000000000:secret:prod/db-AbCdEf"
DB = json.dumps({"user": "u", "api-key": "k"})


def context(**environ: str) -> Context:
    """Return a context with an environment."""
    return Context(environ, StringIO(), StringIO(), StringIO(), lambda: 0, bytes, CHEAPEST)


def planned(*words: str, **environ: str) -> exec_plan.Plan:
    """Return what a command line would read."""
    request = split([*words, "--", "x"])
    pristine = request.pristine
    return exec_plan.made(request.sources, request.options, context(**environ), pristine=pristine)


def delivered(*words: str, value: str = DB, **environ: str) -> dict[str, str]:
    """Return the variables of a command line whose secrets all have one value."""
    request = split([*words, "--", "x"])
    plan = planned(*words, **environ)
    results: list[tuple[Source, dict[str, object]]] = [
        (source, {"Name": source.secret_id, "SecretString": value}) for source in plan.sources
    ]
    around = context(**environ)
    pristine = request.pristine
    return exec_plan.delivered(plan, results, request.options, around, pristine=pristine)


def test_references_come_from_environment_and_files(tmp_path: Path) -> None:
    """Each option adds the sources of its own section, each for its variable."""
    (tmp_path / "env").write_text("A=secretctl://a#k\nLITERAL='x y'\n")
    secrets = [{"name": "T", "valueFrom": f"{ARN}:k::"}]
    task = {"containerDefinitions": [{"name": "web", "secrets": secrets}]}
    (tmp_path / "task.json").write_text(json.dumps(task))
    (tmp_path / "spec.yml").write_text("env:\n  secrets-manager:\n    S: prod/db:k\n")
    plan = planned(
        "--from-env",
        f"--env-file={tmp_path}/env",
        "--ecs-task-definition",
        f"{tmp_path}/task.json",
        "--container",
        "web",
        "--buildspec",
        f"{tmp_path}/spec.yml",
        E="secretctl://e",
        OTHER="x",
    )
    wanted = ("A=a#k", f"T={ARN}#k", "S=prod/db#k", "E=e")
    assert plan.sources == tuple(map(parse, wanted))
    assert plan.literals == {"LITERAL": "x y"}
    assert plan.replaced == {"E"}


def test_names_are_prefixed_and_keep_their_case() -> None:
    """Only names that were not written out are changed."""
    assert delivered("db", "--prefix", "APP_") == {"APP_user": "u", "APP_API_KEY": "k"}
    assert delivered("db", "--keep-case") == {"user": "u", "api_key": "k"}
    assert delivered("db#api-key", "X=db#user", "--prefix=P") == {"PAPI_KEY": "k", "X": "u"}
    assert delivered("a/to-ken", "--keep-case", "--prefix=p_", value="v") == {"p_to_ken": "v"}
    assert delivered("a/to-ken", value="v") == {"TO_KEN": "v"}


def test_prefix_makes_no_name_that_steers_programs() -> None:
    """What matters is the name that comes of it."""
    with pytest.raises(DeliveryError, match="'LD_PRELOAD'"):
        delivered("db", "--prefix=LD_", value='{"PRELOAD": "x"}')


def test_inherited_variable_is_overwritten_kept_or_an_error() -> None:
    """The secret wins unless something else is asked for."""
    assert delivered("U=db#user", U=CANARY) == {"U": "u"}
    assert delivered("db", "--on-conflict=keep", user=CANARY) == {"API_KEY": "k"}
    assert delivered("db", "--on-conflict=overwrite", user="")["user"] == "u"
    with pytest.raises(DeliveryError, match="'user'") as caught:
        delivered("db", "--on-conflict", "error", user=CANARY)
    assert CANARY not in caught.value.message
    assert delivered("db", "--on-conflict", "error", other=CANARY)["user"] == "u"


def test_known_conflict_ends_before_anything_is_read() -> None:
    """A kept variable's secret is not read, for a read is recorded; neither is it for an error."""
    assert planned("U=db#user", "db#api-key", "--on-conflict=keep", U="x").sources == (
        parse("db#api-key"),
    )
    with pytest.raises(DeliveryError, match="'API_KEY'"):
        planned("db#api-key", "--on-conflict=error", API_KEY="x")


def test_what_is_not_inherited_is_no_conflict() -> None:
    """With --pristine, only what is passed on counts; a replaced reference never does."""
    assert planned("U=db", "--on-conflict=error", "--pristine", U="x").sources
    with pytest.raises(DeliveryError, match="'U'"):
        planned("U=db", "--on-conflict=error", "--pristine", "--keep", "U", U="x")
    for policy in ("error", "keep"):
        words = ("--from-env", f"--on-conflict={policy}")
        assert delivered(*words, value="v", U="secretctl://db") == {"U": "v"}


def test_literals_of_files_are_variables_like_others(tmp_path: Path) -> None:
    """They collide with secrets and each other, are kept back by conflicts, and may not steer."""
    file = tmp_path / "env"
    file.write_text("user=literal\n")
    option = f"--env-file={file}"
    assert delivered(option) == {"user": "literal"}
    assert delivered(option, "--on-conflict=keep", user="x") == {}
    with pytest.raises(DeliveryError, match="'user'"):
        delivered(option, "db")
    with pytest.raises(DeliveryError, match="two files"):
        delivered(option, option)
    file.write_text("LD_PRELOAD=x\n")
    with pytest.raises(DeliveryError, match="'LD_PRELOAD'"):
        planned(option)


def test_optional_key_may_be_missing() -> None:
    """It sets nothing then; a required one is an error."""
    assert delivered("--optional", "X=db#none", "db#user") == {"user": "u"}
    assert delivered("--optional", "X=db#user") == {"X": "u"}
    with pytest.raises(DeliveryError, match="'none'"):
        delivered("X=db#none")


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["a", "--prefix", "9"], "prefix"),
        (["a", "--prefix=a-b"], "prefix"),
        (["a", "--on-conflict", "merge"], "error, keep, overwrite"),
        (["a", "--on-conflict=keep", "--on-conflict=keep"], "twice"),
        (["a", "--keep", "X"], "'--pristine'"),
        (["a", "--pristine", "--keep", "X,"], "names of variables"),
        (["a", "--container", "web"], "'--ecs-task-definition'"),
        (["a", "--manifest=a", "--manifest=b"], "twice"),
        (["a", "--environment", "--"], "argument --environment: expected one argument"),
        (["a", "--env-file"], "argument --env-file: expected one argument"),
        (["--optional", "a#"], "empty key"),
        (["--env-file=-", "--buildspec", "-"], "standard input is named twice"),
        (["--env-file=-", "--env-file=/dev/stdin"], "standard input is named twice"),
        (["a", "--from-env=1"], "'--from-env' takes no value"),
        (["a", "--mask=yes"], "'--mask' takes no value"),
        (["a", "--debug=1"], "'--debug' takes no value"),
    ],
)
def test_unusable_option_is_refused(words: list[str], named: str) -> None:
    """What is wrong is named."""
    with pytest.raises(UsageError) as caught:
        split([*words, "--", "x"])
    assert named in caught.value.message


def test_what_cannot_be_read_names_the_file(tmp_path: Path) -> None:
    """A missing file, broken JSON and YAML, and nothing of their content."""
    with pytest.raises(UsageError, match="No such file"):
        planned(f"--env-file={tmp_path}/none")
    (tmp_path / "f").write_text("{" + CANARY)
    for option, said in (
        ("--ecs-task-definition", "cannot be read as JSON"),
        ("--buildspec", "^line 1 of .*: it is not one YAML document"),
    ):
        with pytest.raises(DeliveryError, match=said) as caught:
            planned(option, f"{tmp_path}/f")
        assert CANARY not in caught.value.message


def test_a_file_may_be_empty_or_a_pipe_of_our_own(tmp_path: Path) -> None:
    """/dev/null is no variables; a named pipe is not waited for, and the hint names what works."""
    assert planned("--env-file", "/dev/null").literals == {}
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match="not a regular file") as caught:
        planned("--env-file", f"{tmp_path}/pipe")
    assert caught.value.hints == ("a pipe is read as /dev/stdin",)
    reads, writes = os.pipe()
    os.write(writes, b"A=1\n")
    os.close(writes)
    assert planned("--env-file", f"/dev/fd/{reads}").literals == {"A": "1"}
    os.close(reads)


@pytest.mark.parametrize(
    ("option", "text"),
    [
        ("--env-file", "TOKEN=secretctl://a/token\n"),
        ("--buildspec", "env:\n  secrets-manager:\n    TOKEN: a/token\n"),
        (
            "--ecs-task-definition",
            '{"containerDefinitions": [{"name": "web", "secrets":'
            f' [{{"name": "TOKEN", "valueFrom": "{ARN}:::"}}]}}]}}',
        ),
        ("--manifest", '[variables]\nTOKEN = "a/token"\n'),
    ],
)
def test_a_hyphen_is_standard_input(
    world: World, service: Service, tmp_path: Path, option: str, text: str
) -> None:
    """To its end, so that the command finds nothing there; no file of that name is read."""
    made = service("CreateSecret", Name="a/token", SecretString=CANARY)
    (tmp_path / "-").write_text("TOKEN=file\n")
    words = ["exec", option, "-", "--", "sh", "-c", "cat; echo $TOKEN"]
    before = ["env", "-C", str(tmp_path)]
    done = separately(world, words, stdin=text.replace(ARN, str(made["ARN"])), before=before)
    assert done == (0, f"{CANARY}\n", "")


def test_a_byte_order_mark_is_no_part_of_a_name(tmp_path: Path) -> None:
    """As editors of Windows leave one; bytes that are no text are named with their line."""
    (tmp_path / "f").write_bytes(b"\xef\xbb\xbfA=1\n")
    assert planned("--env-file", f"{tmp_path}/f").literals == {"A": "1"}
    (tmp_path / "f").write_bytes(b"A=1\nB=" + CANARY.encode() + b"\xff\n")
    with pytest.raises(DeliveryError, match=r"^line 2 of .* is not UTF-8$") as refused:
        planned("--env-file", f"{tmp_path}/f")
    assert refused.value.hints == ()
    (tmp_path / "f").write_bytes("A=1\n".encode("utf-16"))
    with pytest.raises(DeliveryError, match=r"^line 1 of .* is not UTF-8$") as refused:
        planned("--env-file", f"{tmp_path}/f")
    assert refused.value.hints == ("it looks like UTF-16: iconv -f UTF-16 -t UTF-8",)


def test_a_command_line_may_be_meant_as_it_is() -> None:
    """Then no hint is given at all."""
    assert split(["a", "--", "echo", ""]).options.hints
    assert not split(["a", "--no-hint", "--", "echo", ""]).options.hints


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("echo", ""), "is empty, as $EMPTY is"),
        (("echo", "before"), "$TOKEN was before"),
        (("echo", "$TOKEN"), None),
        (("before",), None),
        (("echo", "x"), None),
    ],
)
def test_variable_replaced_too_soon_is_suspected(
    command: tuple[str, ...], said: str | None
) -> None:
    """An empty argument, or one that equals what a secret is about to replace."""
    inherited = {"TOKEN": "before", "SAME": "x", "EMPTY": ""}
    assert expanded_too_soon(("echo", ""), inherited, {"TOKEN": "t"}) is None
    found = expanded_too_soon(command, inherited, {"TOKEN": "t", "SAME": "x", "EMPTY": "y"})
    assert (found is None) == (said is None)
    assert said is None or said in str(found)


def test_too_large_literals_are_named_where_output_is_masked(
    world: World, service: Service, tmp_path: Path
) -> None:
    """As where it is not: they are what has to become smaller."""
    service("CreateSecret", Name="a/token", SecretString=CANARY)
    file = tmp_path / "env"
    file.write_text("".join(f"BIG{each}={'x' * 100_000}\n" for each in range(3)))
    small_stack = ["sh", "-c", 'ulimit -s 1024; exec "$@"', "sh"]  # a quarter of it is the limit
    for option in ("--mask", "--no-mask"):
        words = ["exec", "a/token", f"--env-file={file}", option, "--", "true"]
        done = separately(world, words, before=small_stack)
        assert done.status == 126
        assert "the largest variables are 'BIG0', 'BIG1', 'BIG2'" in done.stderr
        assert CANARY not in done.stderr
