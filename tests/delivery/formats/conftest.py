"""What tests of the formats share."""

from collections.abc import Callable

import pytest

from secretctl.delivery.environment import Variable
from secretctl.delivery.formats import writer
from secretctl.errors import DeliveryError


@pytest.fixture
def refuses() -> Callable[[str, Variable], str]:
    """Return what tells why a format refuses a variable; empty where it does not."""

    def why(form: str, variable: Variable) -> str:
        try:
            writer(form)([variable])
        except DeliveryError as error:
            return error.message
        return ""

    return why
