"""References among the values of variables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretctl.delivery.references import parse
from secretctl.delivery.references_found import in_environment, is_reference, reference
from secretctl.errors import DeliveryError

ARN = "arn:aws:secretsmanager:us-east-1:000000000000:secret:prod/db-AbCdEf"
CANARY = "canary-77c1"


def test_whole_values_in_forms_of_their_own_are_found() -> None:
    """Three forms cannot be anything else; each is for the variable it stands in."""
    environ = {
        "C": f"{ARN}:k::",
        "B": "secretctl://prod/db#k?stage=S",
        "A": "{{resolve:secretsmanager:prod/db:SecretString:k}}",
        "D": "prod/db#k",
    }
    assert in_environment(environ) == [
        parse("A=prod/db#k"),
        parse("B=prod/db#k?stage=S"),
        parse(f"C={ARN}#k"),
    ]


@pytest.mark.parametrize(
    "value",
    ["", "prod/db:k", "prod/db#k", ARN, f"{ARN}:k", f"x {ARN}:k::", " secretctl://a", "{{resolve"],
)
def test_what_could_be_anything_is_left_alone(value: str) -> None:
    """An ARN by itself is for the program, which reads the secret with it."""
    assert reference("X", value, "there") is None


@pytest.mark.parametrize(
    "value",
    [
        f"postgres://u:{{{{resolve:secretsmanager:{CANARY}}}}}@h",
        f"{{{{resolve:secretsmanager:{CANARY}}}}}/x",
        f"secretctl://#{CANARY}",
        f"{ARN}:{CANARY}:S:v",
    ],
)
def test_unusable_reference_is_an_error_that_names_its_place(value: str) -> None:
    """It is not handed over as it stands, and no message repeats it."""
    with pytest.raises(DeliveryError, match="over there") as caught:
        reference("X", value, "over there")
    assert CANARY not in caught.value.message


@given(st.text(max_size=40))
def test_text_is_rarely_a_reference(value: str) -> None:
    """Only a value that begins as one is one, and then it can be read or is refused."""
    if not is_reference(value):
        return
    assert value.startswith(("{{resolve:secretsmanager:", "secretctl://", "arn:"))
