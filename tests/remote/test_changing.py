"""Reading and writing at an endpoint, where somebody may come between the two."""

import json
from collections.abc import Callable, Iterator

import pytest

from secretctl.errors import EndpointError, ServiceError
from secretctl.model.operations import BY_NAME
from secretctl.model.shapes import Operation, Parameters, Result
from secretctl.remote import calling, changing
from secretctl.remote.calling import Remote
from tests.conftest import World, token
from tests.remote.peers import Peer
from tests.remote.test_calling import remote

REQUEST: Parameters = {"SecretId": "db"}


class Shared:
    """A secret elsewhere, which others change too."""

    def __init__(self, there: Remote, peer: Peer) -> None:
        self.there = there
        self.peer = peer
        self.others = 0
        self.call("CreateSecret", Name="db", SecretString="{}")

    def call(self, operation: str, **parameters: object) -> Result:
        """Call an operation, as another client would."""
        if operation != "GetSecretValue":
            parameters["ClientRequestToken"] = token()
        return calling.call(self.there, BY_NAME[operation], parameters)

    def other(self) -> None:
        """Set a key, as another client does that nobody comes in between."""
        self.others += 1
        value = {**self.held(), f"other{self.others}": 1}
        self.call("PutSecretValue", SecretId="db", SecretString=json.dumps(value))

    def held(self) -> dict[str, object]:
        """Return the present value."""
        found: dict[str, object] = json.loads(
            str(self.call("GetSecretValue", SecretId="db")["SecretString"])
        )
        return found

    def set_ours(self, meanwhile: Callable[[], None], *, is_part: bool = True) -> Result | None:
        """Set a key of ours; something happens between reading and writing."""

        def decide(answer: Result | ServiceError) -> tuple[Operation, Parameters] | None:
            assert isinstance(answer, dict)
            value = {**json.loads(str(answer["SecretString"])), "ours": 1}
            meanwhile()
            given = {"ClientRequestToken": token(), "SecretString": json.dumps(value), **REQUEST}
            return BY_NAME["PutSecretValue"], given

        return changing.change(self.there, REQUEST, decide, is_part=is_part)


@pytest.fixture
def shared(peer: Peer, world: World) -> Iterator[Shared]:
    """A secret without a key."""
    with remote(peer, world) as (there, _):
        yield Shared(there, peer)


@pytest.mark.parametrize("times", [0, 1])
def test_a_value_that_was_overtaken_is_put_once_more(shared: Shared, times: int) -> None:
    """AWSPREVIOUS tells that our value took the place of one that we had not read."""

    def meanwhile() -> None:
        if shared.others < times:
            shared.other()

    assert shared.set_ours(meanwhile)
    assert shared.held() == {"ours": 1, **{f"other{number + 1}": 1 for number in range(times)}}


def test_one_that_is_upon_ours_is_looked_at(
    shared: Shared, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever comes behind us, before we look back, loses nothing of ours and we nothing of his."""

    def between(there: Remote, operation: Operation, parameters: Parameters) -> Result:
        found = calling.call(there, operation, parameters)
        if operation.name == "PutSecretValue" and not shared.others:
            shared.others += 1
            shared.call("PutSecretValue", SecretId="db", SecretString='{"other1": 1}')
        return found

    monkeypatch.setattr(changing, "call", between)
    assert shared.set_ours(lambda: None)
    assert shared.held() == {"ours": 1, "other1": 1}


def test_it_ends_where_others_are_always_in_between(shared: Shared) -> None:
    """With an error: whether the value is current is not known."""
    with pytest.raises(EndpointError) as caught:
        shared.set_ours(shared.other)
    assert caught.value.message.startswith("others changed the secret all the time")


def test_a_whole_value_takes_the_place_of_any_other(shared: Shared) -> None:
    """The last one holds, and two do not put theirs again and again."""
    before = len(shared.peer.seen)
    shared.set_ours(lambda: None, is_part=False)
    assert len(shared.peer.seen) == before + 2
