"""What a manifest means, and that nothing else is one."""

import tomllib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from secretctl.delivery.manifest import MINIMAL, Manifest, ManifestFault, Need, read
from secretctl.delivery.pattern_match import LONGEST, compiled
from secretctl.delivery.references import parse
from secretctl.delivery.value_types import TYPES
from secretctl.errors import UsageError

CANARY = "canary-3c77"
WHOLE = """
[variables]
A = "prod/db"

[variables.B]
secret = "prod/db#url?stage=AWSPREVIOUS"
required = false
type = "url"
pattern = "https://.+"
description = "where"

[environments.ci]
A = "ci/db"
C = "{{resolve:secretsmanager:ci/c:SecretString:k}}"
[environments.ci.B]
required = true
[environments.dev]
"""


def needs(text: str, environment: str = "") -> dict[str | None, Need]:
    """Return what a manifest asks for, by variable."""
    found = read(tomllib.loads(text), environment).needs
    return {need.source.variable: need for need in found}


def test_a_manifest_says_what_is_needed() -> None:
    """A reference alone, or a table with all that can be asked."""
    found = needs(WHOLE)
    assert found == {
        "A": Need(parse("A=prod/db")),
        "B": Need(
            parse("B=prod/db#url?stage=AWSPREVIOUS"),
            is_required=False,
            type="url",
            pattern=compiled("https://.+"),
            description="where",
        ),
    }
    assert not found["A"].asks_for_value
    assert found["B"].asks_for_value


def test_an_environment_overrides_key_by_key_and_adds() -> None:
    """What it does not say of a variable stays."""
    found, without = needs(WHOLE, "ci"), needs(WHOLE)
    assert found["A"].source == parse("A=ci/db")
    assert found["B"] == without["B"]._replace(is_required=True)
    assert found["C"].source == parse("C=ci/c#k")
    assert needs(WHOLE, "dev") == without
    assert read(tomllib.loads(WHOLE)).environments == ("ci", "dev")


def test_a_secret_may_be_named_by_environments_alone() -> None:
    """Then one has to be chosen."""
    text = '[variables.A]\ntype = "url"\n[environments.ci]\nA = "ci/a#url"\n'
    assert needs(text, "ci")["A"].type == "url"
    with pytest.raises(ManifestFault, match="names no secret") as caught:
        needs(text)
    assert caught.value.place == ("variables", "A")
    assert "or choose one of the environments: ci" in caught.value.hints


def test_unknown_environment_is_refused() -> None:
    """With those that there are, and without what was typed."""
    with pytest.raises(UsageError, match="no environment of that name") as caught:
        needs(WHOLE, CANARY)
    assert CANARY not in caught.value.message
    assert caught.value.hints == ("environments: ci, dev",)
    with pytest.raises(UsageError, match="no environment of that name"):
        needs('[variables]\nA = "a"\n', "ci")


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("", "", "no variable is declared"),
        ("[variables]", "", "no variable is declared"),
        ('vault = "/elsewhere"', "vault", "unknown key"),
        ("[settings]\nmask = false", "settings", "unknown key"),
        ("variables = 1", "variables", "is not a table"),
        ("[[variables]]", "variables", "is not a table"),
        ("[environments]\nci = 1", "environments.ci", "is not a table"),
        ('environments = "x"', "environments", "is not a table"),
        ('[environments."c i"]', "environments.c i", "names of environments"),
        ('[environments.""]', "environments.", "names of environments"),
        ("[variables]\nA = 1", "variables.A", "neither a reference nor a table"),
        ('[variables]\n"a b" = "x"', "variables.a b", "is no name of a variable"),
        ('[variables]\n"1A" = "x"', "variables.1A", "is no name of a variable"),
        ('[variables]\nPATH = "x"', "variables.PATH", "changes which programs run"),
        ('[environments.ci]\nLD_PRELOAD = "x"', "environments.ci.LD_PRELOAD", "changes which"),
        ('[variables]\nA = ""', "variables.A", "names no secret"),
        ('[variables]\nA = "x#"', "variables.A", "an empty key"),
        ('[variables]\nA = "x:y#z"', "variables.A", "in two ways"),
        ("[variables.A]", "variables.A", "names no secret"),
        ('[variables.A]\nsecret = "x"\nrequird = true', "variables.A.requird", "unknown key"),
        ('[variables.A]\nsecret = "x"\ncommand = "y"', "variables.A.command", "unknown key"),
        ('[variables.A]\nsecret = ["x"]', "variables.A.secret", "is not a string"),
        ('[variables.A]\nsecret = "x"\nrequired = 1', "variables.A.required", "true or false"),
        ('[variables.A]\nsecret = "x"\ntype = "uri"', "variables.A.type", "is none of boolean"),
        ('[variables.A]\nsecret = "x"\npattern = 1', "variables.A.pattern", "is not a string"),
        ('[variables.A]\nsecret = "x"\npattern = "^a"', "variables.A.pattern", "is no pattern"),
        ('[environments.dev.A]\ntype = "x"', "environments.dev.A.type", "is none of"),
    ],
)
def test_whatever_has_no_meaning_is_refused(text: str, place: str, said: str) -> None:
    """With the keys that lead to it; of an environment that is not chosen, too."""
    with pytest.raises(ManifestFault) as caught:
        needs(text)
    assert said in caught.value.message
    assert ".".join(caught.value.place) == place


def test_the_minimal_manifest_is_one() -> None:
    """What hints tell to write can be read."""
    assert list(needs(MINIMAL.replace("\\n", "\n"))) == ["DB_PASSWORD"]


def test_values_are_judged_without_being_repeated() -> None:
    """By type first, then by pattern, then by what a pattern can be tried on."""
    need = Need(parse("A=a"), type="integer", pattern=compiled("1.*"))
    assert need.fault("12") is None
    assert need.fault(CANARY) == ("WrongType", "the value is not of the type integer")
    assert need.fault("2") == ("PatternMismatch", "the value does not match its pattern")
    code, sentence = need.fault("1" * (LONGEST + 1)) or ("", "")
    assert (code, sentence[:4]) == ("TooLong", "8192")


SCALARS = st.one_of(st.text(max_size=8), st.booleans(), st.integers(), st.floats(), st.dates())
KEYS = st.sampled_from(
    ["variables", "environments", "A", "PATH", "ci", "secret", "required", "type", "pattern", "x"]
)
DOCUMENTS = st.dictionaries(
    KEYS,
    st.recursive(
        SCALARS, lambda inner: st.dictionaries(KEYS, inner) | st.lists(inner), max_leaves=12
    ),
)


@settings(suppress_health_check=[HealthCheck.too_slow])  # of a machine with other work
@given(DOCUMENTS, st.sampled_from(["", "ci"]))
def test_any_document_is_a_manifest_or_is_refused(
    document: dict[str, object], environment: str
) -> None:
    """Whatever TOML can say; and what was accepted can be asked about any value."""
    try:
        found = read(document, environment)
    except (ManifestFault, UsageError):
        return
    assert set(document) <= {"variables", "environments"}
    assert all(need.source.variable for need in found.needs)


REFERENCES = st.sampled_from(["a", "a#k", "a?stage=B", "secretctl://a#k", "a:k::", "arn:aws:x"])
SAID = st.fixed_dictionaries(
    {"secret": REFERENCES},
    optional={
        "required": st.booleans(),
        "type": st.sampled_from(sorted(TYPES)),
        "pattern": st.sampled_from(["a+", "[^b]{2}", ""]),
        "description": st.text(max_size=5),
    },
)
NAMES = st.sampled_from(["A", "B_1", "_c"])
TABLES = st.dictionaries(NAMES, SAID, min_size=1)


@given(TABLES, TABLES)
def test_every_well_formed_document_is_a_manifest(
    base: dict[str, dict[str, object]], other: dict[str, dict[str, object]]
) -> None:
    """Each variable has what the environment says last of each of its keys."""
    found = read({"variables": base, "environments": {"e": other}}, "e")
    assert isinstance(found, Manifest)
    for need in found.needs:
        name = need.source.variable or ""
        said = {**base.get(name, {}), **other.get(name, {})}
        assert need.source == parse(f"{name}={said['secret']}")
        assert need.is_required == said.get("required", True)
        assert (need.type, need.description) == (said.get("type", ""), said.get("description", ""))
        assert (need.pattern is None) == ("pattern" not in said)
    assert {need.source.variable for need in found.needs} == set(base) | set(other)
