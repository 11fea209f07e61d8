"""What comes together goes on together: the pieces of an answer, and requests to the vault."""

import asyncio
from collections.abc import Callable

import pytest

from secretctl.model.operations import BY_NAME
from secretctl.server.asking import Keeper
from secretctl.server.gathering import Gathered
from secretctl.server.work import Job, Worker


class Sent(asyncio.Transport):
    """A transport that keeps what it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[bytes | str] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Keep *data*."""
        self.said.append(bytes(data))

    def write_eof(self) -> None:
        """Keep that."""
        self.said.append("eof")

    def close(self) -> None:
        """Keep that."""
        self.said.append("close")

    def is_closing(self) -> bool:
        """Tell whether it was closed."""
        return "close" in self.said


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda given: [given.write(b"head"), given.write(b""), given.write(b"body")], []),
        (lambda given: [given.write(b"head"), given.write(b"body"), given.close()], ["close"]),
        (lambda given: [given.write(b"headbody"), given.write_eof()], ["eof"]),
    ],
)
def test_pieces_of_one_turn_are_sent_as_one(
    act: Callable[[Gathered], object], said: list[str]
) -> None:
    """Once the loop turns, or before the connection is closed; nothing is sent twice."""
    sent = Sent()

    async def run() -> None:
        act(Gathered(sent, asyncio.get_running_loop()))
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    asyncio.run(run())
    assert sent.said == [b"headbody", *said]


def test_pieces_of_later_turns_follow() -> None:
    """In their order; what else it is asked the transport says."""
    sent = Sent()

    async def run() -> None:
        gathered = Gathered(sent, asyncio.get_running_loop())
        for piece in (b"1", b"2"):
            gathered.write(piece)
            await asyncio.sleep(0)
        assert not gathered.is_closing()
        gathered.close()
        assert gathered.is_closing()

    asyncio.run(run())
    assert sent.said == [b"1", b"2", "close"]


def test_nothing_is_sent_to_who_has_left() -> None:
    """Between the turn in which it was written and the next; uvloop would raise."""
    sent = Sent()

    async def run() -> None:
        Gathered(sent, asyncio.get_running_loop()).write(b"late")
        sent.close()
        await asyncio.sleep(0)

    asyncio.run(run())
    assert sent.said == ["close"]


def _fails(_keeper: Keeper) -> None:
    raise AssertionError("nobody takes it")


def test_requests_of_one_turn_reach_the_vault_together() -> None:
    """In their order, some hundred at a time at most; those of the next turn follow."""
    worker = Worker(1000, lambda _: None)
    taken: list[list[Job]] = []

    async def run() -> None:
        asked = [
            asyncio.ensure_future(worker.ask(operation, _fails))  # type: ignore[arg-type]  # never asked
            for operation in [BY_NAME["GetSecretValue"]] * 300 + [BY_NAME["ListSecrets"]]
        ]
        for _ in range(3):
            await asyncio.sleep(0)
        while not worker._queue.empty():
            taken.append([each for each in worker._queue.get() if isinstance(each, Job)])
        for each in asked:
            each.cancel()
        await asyncio.gather(*asked, return_exceptions=True)

    asyncio.run(run())
    assert [len(each) for each in taken] == [256, 45]
    assert taken[-1][-1].operation.name == "ListSecrets"
    assert worker.waiting == 0
