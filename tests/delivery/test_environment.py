"""From values of secrets to environment variables."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretctl.delivery.environment import value_of, variables
from secretctl.delivery.naming import name_of
from secretctl.delivery.references import is_variable, parse, reference
from secretctl.errors import DeliveryError

CANARY = "canary-3f9c"


def of(*pairs: tuple[str, str | bytes]) -> dict[str, str]:
    """Return the variables of sources and their values."""
    sources = []
    for word, value in pairs:
        source = parse(word)
        member = "SecretBinary" if isinstance(value, bytes) else "SecretString"
        result: dict[str, object] = {"Name": source.secret_id, member: value}
        sources.append((source, result))
    return variables(sources)


def refused(*pairs: tuple[str, str | bytes]) -> str:
    """Return the message with which sources are refused, after a look for values in it."""
    with pytest.raises(DeliveryError) as caught:
        of(*pairs)
    text = " ".join((caught.value.message, *caught.value.hints))
    assert CANARY not in text
    assert caught.value.__cause__ is None
    return caught.value.message


def test_object_gives_a_variable_for_each_key() -> None:
    """Legal names stay as they are, others are upper-cased with _ and a leading _."""
    value = '{"user": "u", "API-Key": "k", "a.b": "1", "9lives": "n", "Ok_1": "o"}'
    expected = {"user": "u", "API_KEY": "k", "A_B": "1", "_9LIVES": "n", "Ok_1": "o"}
    assert of(("db", value)) == expected


@pytest.mark.parametrize(
    ("key", "name"), [("---", "___"), ("\u00e9", "_"), ("a\u00e9", "A_"), (" ", "_"), ("-1", "_1")]
)
def test_key_without_a_letter_of_ascii_is_named_by_the_same_rule(key: str, name: str) -> None:
    """Every other character becomes _, also where nothing else is left."""
    assert of(("s", json.dumps({key: "v"}))) == {name: "v"}


@pytest.mark.parametrize(
    ("secret", "name"),
    [("prod/api-token", "API_TOKEN"), ("token", "TOKEN"), ("a/9x", "_9X"), ("a@b.c", "A_B_C")],
)
def test_plain_string_is_named_after_the_last_segment(secret: str, name: str) -> None:
    """A string that is no object gives one variable, upper-cased."""
    assert of((secret, "v")) == {name: "v"}


def test_name_comes_from_the_result_when_an_arn_is_given() -> None:
    """An ARN's six random characters are not part of the variable's name."""
    arn = "arn:aws:secretsmanager:us-east-1:000000000000:secret:a/token-AbCdEf"
    result: dict[str, object] = {"Name": "a/token", "SecretString": "v"}
    assert variables([(parse(arn), result)]) == {"TOKEN": "v"}


@pytest.mark.parametrize("value", ["x", "[1]", '"s"', "12", "null", "{", '{"a": NaN}', "{'a': 1}"])
def test_what_is_no_json_object_is_a_plain_string(value: str) -> None:
    """Lists, scalars and what is not JSON (RFC 8259) are handed over as they stand."""
    assert of(("tok", value)) == {"TOK": value}


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ('"a\\nb \\u00e9"', "a\nb \u00e9"),
        ('""', ""),
        ("1.10", "1.10"),
        ("1e400", "1e400"),
        ("-0", "-0"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("true", "true"),
        ("false", "false"),
        ('[1.0, "x", null, {"a" : [ ]}]', '[1.0,"x",null,{"a":[]}]'),
        ('{"a": 1.50, "b": "\u00e9\\"" }', '{"a":1.50,"b":"\u00e9\\""}'),
    ],
)
def test_value_becomes_text(written: str, text: str) -> None:
    """Strings as they are, numbers as written, nested values as compact JSON."""
    assert of(("s", f'{{"K": {written}}}')) == {"K": text}
    assert of(("V=s#K", f'{{"K": {written}}}')) == {"V": text}


def test_number_of_many_digits_is_text() -> None:
    """A number longer than Python converts is handed over as written."""
    assert of(("s", '{"K": ' + "7" * 6000 + "}")) == {"K": "7" * 6000}


def test_named_variable_without_key_takes_the_whole_string() -> None:
    """NAME=secret-id hands over JSON byte for byte."""
    value = '{ "a" : 1, "a" : 2 }'
    assert of(("ALL=s", value)) == {"ALL": value}


def test_key_without_name_is_named_by_the_rule() -> None:
    """secret-id#key gives only that key, named as it would be among all."""
    assert of(("s#a-b", '{"a-b": "v", "c": null}')) == {"A_B": "v"}


@pytest.mark.parametrize("key", ["missing", "A", "a.b", "a[0]", "__class__"])
def test_missing_key_is_named(key: str) -> None:
    """A key is looked up literally; one that is not there is named with its secret."""
    message = refused((f"X=prod/db#{key}", f'{{"a": "{CANARY}"}}'))
    assert f"'{key}'" in message
    assert "'prod/db'" in message


def test_missing_keys_are_all_named_by_secret() -> None:
    """Whatever is there besides, and whatever the variables are called."""
    held = f'{{"a": "{CANARY}"}}'
    sources = [("x#a", held), ("x#B", held), ("D=x#d", held), ("E=y#a", held), ("y#z", held)]
    assert refused(*sources) == "'x' has no keys 'B', 'd'; 'y' has no key 'z'"
    plain = refused(("x#a", CANARY), ("x#b", CANARY), ("y#z", held))
    assert plain == "'x' is not a JSON object and has no keys 'a', 'b'; 'y' has no key 'z'"


def test_key_of_a_plain_string_is_refused() -> None:
    """A string that is no object has no keys."""
    assert "'prod/db'" in refused(("prod/db#k", CANARY))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("a/tok", CANARY), ("b/tok", CANARY)),
        (("X=a", CANARY), ("X=b", CANARY)),
        (("a", f'{{"X": "{CANARY}"}}'), ("X=b", CANARY)),
        (("a?stage=S1", CANARY), ("a?stage=S2", CANARY)),
    ],
)
def test_two_sources_of_one_variable_are_both_named(
    first: tuple[str, str], second: tuple[str, str]
) -> None:
    """Neither wins: the error names both."""
    message = refused(first, second)
    assert f"'{first[0].removeprefix('X=')}'" in message
    assert f"'{second[0].removeprefix('X=')}'" in message


def test_two_keys_of_one_variable_are_both_named() -> None:
    """Keys that differ only in what a name cannot hold are refused."""
    message = refused(("s", f'{{"a-b": "{CANARY}", "a.b": "{CANARY}"}}'))
    assert "'a-b'" in message
    assert "'a.b'" in message


@pytest.mark.parametrize("value", ['{"k": 1, "k": 2}', '{"a": {"k": 1, "k": 2}}'])
def test_duplicate_key_is_refused(value: str) -> None:
    """Which of two values of one key is meant cannot be known."""
    assert "'k' twice" in refused(("s", value))
    assert "'k' twice" in refused(("X=s#k", value))


@pytest.mark.parametrize(
    "value",
    [
        b"\x00canary-3f9c",
        f'{{"k": "{CANARY}\\u0000"}}',
        f'{{"k": "{CANARY}\\ud800"}}',
        '{"k": null}',
        f"{CANARY}\0",
        f'{{"": "{CANARY}"}}',
        '{"k": ' + "[" * 100_000,
    ],
)
def test_what_no_environment_holds_is_refused(value: str | bytes) -> None:
    """Bytes, NUL, half a surrogate pair, null, no name, endless nesting: named, not shown."""
    assert "'my/s" in refused(("my/s", value))


@pytest.mark.parametrize("depth", [300, 600, 900, 5000, 60_000])
def test_nesting_is_handed_over_or_refused(depth: int) -> None:
    """No depth ends in a RecursionError."""
    value = '{"k":' + "[" * depth + "]" * depth + "}"
    try:
        assert of(("s", value)) == {"k": "[" * depth + "]" * depth}
    except DeliveryError as error:
        assert "'s'" in error.message  # noqa: PT017 either outcome is right


STEERING = (
    "PATH HOME SHELL IFS ENV BASH_ENV LD_PRELOAD LD_LIBRARY_PATH DYLD_INSERT_LIBRARIES BASH_FUNC_x "
    "PROMPT_COMMAND PYTHONPATH PYTHONSTARTUP PYTHONHOME NODE_OPTIONS PERL5LIB PERL5OPT RUBYOPT "
    "RUBYLIB GIT_SSH_COMMAND GIT_CONFIG_COUNT SECRETCTL_KEY SECRETCTL_ANY "
    "TAR_OPTIONS RSYNC_RSH CVS_RSH SVN_SSH GCC_EXEC_PREFIX COMPILER_PATH "
    "RUSTFLAGS GOFLAGS CC CXX INPUTRC FCEDIT "
    "GIT_MAN_VIEWER PSQL_PAGER PSQL_EDITOR SYSTEMD_PAGER SYSTEMD_EDITOR GH_PAGER AWS_PAGER "
    "LESS LESSKEY GTK_MODULES GIO_EXTRA_MODULES QT_PLUGIN_PATH "
    "AWKLIBPATH EMACSLOADPATH NODE_REPL_EXTERNAL_MODULE PERL5SHELL RUBYSHELL PSModulePath "
    "DOTNET_ADDITIONAL_DEPS ERL_LIBS MAVEN_OPTS GRADLE_OPTS JAVA_OPTS "
    "R_LIBS GUILE_LOAD_PATH JULIA_LOAD_PATH fish_function_path BASH_LOADABLES_PATH "
    "NPM_CONFIG_USERCONFIG NPM_CONFIG_SHELL XDG_CONFIG_HOME "
    "npm_config_script_shell Npm_Config_Shell XDG_DATA_DIRS ANY_PAGER SUDO_ASKPASS LESSKEYIN"
)
FREE = (
    "DB_USER DB_PASSWORD TOKEN API_KEY AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN PGPASSWORD PGUSER "
    "GITHUB_TOKEN GIT_TOKEN NPM_TOKEN NPM_CONFIG__AUTH CARGO_REGISTRY_TOKEN VAULT_TOKEN "
    "MYSQL_PWD REDIS_URL DATABASE_URL PIP_INDEX_URL GOPROXY TF_VAR_password DOCKER_PASSWORD "
    "ANSIBLE_PASSWORD JAVA_KEYSTORE_PASSWORD LESSON path home NODE_AUTH_TOKEN PYPI_TOKEN"
)


@pytest.mark.parametrize("name", FREE.split())
def test_name_of_a_credential_is_free(name: str) -> None:
    """What programs read credentials from can be set."""
    assert of((f"{name}=s", "v")) == {name: "v"}


@pytest.mark.parametrize("name", STEERING.split())
def test_dangerous_name_is_refused(name: str) -> None:
    """A name that changes which programs run is refused however it arises."""
    for word, value in ((f"{name}=s", CANARY), ("s", json.dumps({name: CANARY}))):
        message = refused((word, value))
        assert f"'{name}'" in message
        assert "'s'" in message


@pytest.mark.parametrize(
    "name", ["USER", "LOGNAME", "MAIL", "TERM", "LANG", "LC_ALL", "XAUTHORITY"]
)
def test_reserved_name_is_set_only_if_it_is_written_out(name: str) -> None:
    """A key of an object, a key that is picked and the name of a secret do not say that it is."""
    held = json.dumps({name: CANARY})
    for word, value, origin in (
        ("prod/db", held, f"key '{name}' of 'prod/db'"),
        (f"prod/db#{name}", held, f"key '{name}' of 'prod/db'"),
        (f"prod/{name}", CANARY, f"'prod/{name}'"),
    ):
        message = refused((word, value))
        assert message.startswith(f"{origin} would set the variable '{name}'")
    assert of((f"{name}=prod/db#{name}", held)) == {name: CANARY}


def test_reserved_name_is_written_out_as_the_error_says() -> None:
    """Its hint is a source that sets the variable."""
    source = parse("prod/db?stage=AWSPREVIOUS")
    result: dict[str, object] = {"SecretString": '{"USER": "app"}'}
    with pytest.raises(DeliveryError) as caught:
        variables([(source, result)])
    said = caught.value.hints[0].rpartition(" ")[2]
    assert said == "USER=prod/db#USER?stage=AWSPREVIOUS"
    assert variables([(parse(said), result)]) == {"USER": "app"}


def test_plain_secret_with_a_dangerous_name_is_refused() -> None:
    """The name of a secret cannot smuggle one in either."""
    assert "'PATH'" in refused(("apps/path", CANARY))


@given(st.text(max_size=20))
def test_name_is_legal_or_empty(key: str) -> None:
    """Every key but the empty one gives a legal name, a legal key its own."""
    name = name_of(key)
    assert bool(name) == bool(key)
    assert not name or is_variable(name)
    assert (name == key) == (not key or is_variable(key))


JSON = st.recursive(
    st.booleans() | st.integers() | st.text(max_size=5) | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.from_regex(r"k[a-z]{0,4}", fullmatch=True), JSON, max_size=5))
def test_any_object_arrives_or_is_refused(members: dict[str, object]) -> None:
    """Strings arrive as they are, and what is not a string reads back as the same JSON."""
    try:
        found = of(("s", json.dumps(members)))
    except DeliveryError:
        unfit = [value for value in members.values() if value is None or "\0" in str(value)]
        surrogates = not json.dumps(members, ensure_ascii=False).isprintable()
        assert unfit or surrogates
        return
    assert found.keys() == members.keys()
    for key, value in members.items():
        assert found[key] == value if isinstance(value, str) else json.loads(found[key]) == value


@given(st.text(st.characters(exclude_categories=["Cs"])), st.binary())
def test_value_by_itself_is_what_was_stored(text: str, content: bytes) -> None:
    """A whole string, all bytes and the string of a key come out as they went in."""
    assert value_of(reference("s"), {"SecretString": text}) == text
    assert value_of(reference("s"), {"SecretBinary": content}) == content
    assert value_of(reference("s#k"), {"SecretString": json.dumps({"k": text})}) == text


@pytest.mark.parametrize("value", ["[1]", "{}", '{"k": null}', '{"k": "x", "k": "y"}'])
def test_key_without_one_value_is_refused(value: str) -> None:
    """What is no object, has no such key, has it twice or as null gives nothing."""
    with pytest.raises(DeliveryError):
        value_of(reference("s#k"), {"SecretString": value})
