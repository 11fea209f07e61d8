"""Secrets that buildspecs of CodeBuild ask for."""

import pytest

from secretctl.delivery.buildspec import of_buildspec
from secretctl.delivery.references import parse
from secretctl.errors import DeliveryError

ARN = "arn:aws:secretsmanager:us-east-1:000000000000:secret:prod/db-AbCdEf"
CANARY = "canary-88e0"

WHOLE = f"""\
version: 0.2
run-as: root
defaults: &all
  on-failure: ABORT
  1: {{commands: &list [echo, "a: b"]}}
? [a, list]
: is a key
env:
  shell: bash
  git-credential-helper: yes
  variables: {{on: 1, on: 2, 0.1: x}}
  secrets-manager:
    A: prod/db
    B: prod/db:k
    C: "{ARN}:k:S:"
phases:
  build: {{<<: *all, commands: *list}}
  again: *all
  itself: &loop [*loop]
when: 2026-01-01
kind: !!set {{x, y}}
own: !anything at all
"""


def refused(text: str) -> DeliveryError:
    """Return the error for a buildspec, after a look for what is in it."""
    with pytest.raises(DeliveryError) as caught:
        of_buildspec(text, "spec.yml")
    assert CANARY not in " ".join((caught.value.message, *caught.value.hints))
    return caught.value


def test_only_the_section_of_secrets_has_to_be_plain() -> None:
    """Elsewhere are anchors, tags, loops, keys that are no text or stand twice."""
    expected = [parse("A=prod/db"), parse("B=prod/db#k"), parse(f"C={ARN}#k?stage=S")]
    assert of_buildspec(WHOLE, "spec.yml") == expected


@pytest.mark.parametrize("text", ["version: 0.2", "env: {}", "env: {variables: {A: b}}"])
def test_a_buildspec_without_secrets_gives_none(text: str) -> None:
    """Both keys may be left out."""
    assert of_buildspec(text, "spec.yml") == []


def test_aliases_and_merge_keys_are_followed() -> None:
    """What a mapping says itself comes first, then what comes first of what is merged."""
    text = """\
first: &first {A: one, B: one}
second: &second {<<: *first, B: two, C: two}
env: &env
  secrets-manager: {<<: [*first, *second], A: own}
"""
    expected = [parse("A=own"), parse("B=one"), parse("C=two")]
    assert of_buildspec(text, "spec.yml") == expected
    assert of_buildspec("x: &x\n  env: {secrets-manager: {A: a}}\n<<: *x", "f") == [parse("A=a")]
    assert of_buildspec(text.replace("env:", "e:") + "env: *env", "f") == expected


def test_merge_keys_cost_no_more_than_they_are_long() -> None:
    """Twice the same, level upon level, and in a ring: each mapping is read once."""
    levels = [f"m{n}: &m{n} {{<<: [*m{n - 1}, *m{n - 1}], V{n}: s}}" for n in range(1, 3000)]
    text = "\n".join(["m0: &m0 {V0: s}", *levels, "env: {secrets-manager: *m2999}"])
    assert len(of_buildspec(text, "f")) == 3000
    ring = "env:\n  secrets-manager: &ring\n    <<: *ring\n    A: s"
    assert of_buildspec(ring, "f") == [parse("A=s")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "'spec.yml': it is empty"),
        ("- a", "line 1 of 'spec.yml': it is no buildspec, which is a mapping"),
        ("a: 1\nenv:\nb: 2", "line 2 of 'spec.yml': 'env' is empty"),
        ("env:\n  secrets-manager:\n", "line 2 of 'spec.yml': 'secrets-manager' is empty"),
        ("env: [1]", "line 1 of 'spec.yml': 'env' is no mapping"),
        ("env: {}\nenv: {}", "line 2 of 'spec.yml': 'env' stands twice"),
        ("env:\n  secrets-manager: x", "line 2 of 'spec.yml': 'secrets-manager' is no mapping"),
        ("<<: x", "line 1 of 'spec.yml': '<<' stands for something else than mappings"),
        ("a: b: c", "line 1 of 'spec.yml': it is not one YAML document"),
        ("a: *b", "line 1 of 'spec.yml': it is not one YAML document"),
        ("a: 1\n---\nb: 2", "line 2 of 'spec.yml': it is not one YAML document"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(text: str, said: str) -> None:
    """And the key, on the way to the secrets."""
    assert refused(text).message == said


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("A: s\n    A: s", "line 4 of 'spec.yml': 'A' stands twice"),
        ("A B: s", "line 3 of 'spec.yml': 'A B' is no name of a variable"),
        ("on: s", "line 3 of 'spec.yml': a key may be text or something else"),
        ("[a]: s", "line 3 of 'spec.yml': a key is no text but a mapping or a list"),
        ("A: 12", "line 3 of 'spec.yml': the value of 'A' may be text or something else"),
        ("A: [x]", "line 3 of 'spec.yml': the value of 'A' is no text but a mapping or a list"),
        ("A:", "line 3 of 'spec.yml': the value of 'A' may be text or something else"),
        ("A: ''", "line 3 of 'spec.yml': the secret for 'A': a reference names no secret"),
        ("A: x:k:S:v", "line 3 of 'spec.yml': the secret for 'A': the reference to 'x' has both"),
        (f"A: x:k::v:{CANARY}", "line 3 of 'spec.yml': the secret for 'A': the reference to 'x'"),
    ],
)
def test_an_entry_that_is_none_is_named_with_its_line(entry: str, said: str) -> None:
    """A name that is none, what is no text in some version of YAML, a reference that is none."""
    assert refused(f"env:\n  secrets-manager:\n    {entry}").message.startswith(said)


def test_a_reference_that_ends_in_a_colon_wants_quotes() -> None:
    """YAML takes it for a key otherwise, and the hint says so."""
    error = refused("env:\n  secrets-manager:\n    A: prod/db:k::")
    assert error.hints == ("text that ends in a colon, or holds ': ', stands in quotes",)
