"""Values that were read and could not be handed over: the journal says that too."""

import errno
import io
import os

import pytest

from secretctl.__main__ import main
from secretctl.cli.query import check
from secretctl.errors import OutputError, ServiceError
from secretctl.service import shown_errors
from secretctl.service.failures import delivering
from tests.conftest import Service, World
from tests.faults.commands import ended, separately
from tests.service.conftest import Told, code

CANARY = "canary90ce"
READ = "GetSecretValue"
GET = ("get-secret-value", "--secret-id", "a")
BATCH = ("batch-get-secret-value", "--secret-id-list", "a", "b")
LOST = "The answer was not delivered, or not all of it."


class Refusing(io.StringIO):
    """A standard output that takes nothing."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self._error = error

    def write(self, _: str) -> int:
        """Refuse."""
        raise self._error


def full() -> Refusing:
    """Return a file on a disk without room."""
    return Refusing(OSError(errno.ENOSPC, "No space left on device"))


def given_to(world: World, stdout: io.StringIO, *words: str) -> int:
    """Run a command whose answer goes to *stdout*; return its exit status."""
    keep = os.dup(1)
    try:
        return main(list(words), world.context._replace(stdout=stdout, stderr=io.StringIO()))
    finally:
        os.dup2(keep, 1)  # where a pipe is broken, the null device is put there
        os.close(keep)


def reads(told: Told) -> list[tuple[str, str]]:
    """Return of each new record of a read its request and its error, and see that no value is."""
    lines = told.lines()
    assert CANARY.encode() not in b"".join(lines)
    events = [each for each in Told.parsed(lines) if each["eventName"] == READ]
    known = {LOST, shown_errors.ERRORS["ResourceNotFoundException"]}
    assert {each["errorMessage"] for each in events if code(each)} <= known
    return [(str(each["requestID"]), code(each)) for each in events]


@pytest.mark.parametrize(
    ("error", "status", "expected"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), 255, "OutputError"),
        (OSError(errno.EBADF, "Bad file descriptor"), 255, "OutputError"),
        (BrokenPipeError(errno.EPIPE, "Broken pipe"), 141, "BrokenPipeError"),
        (KeyboardInterrupt(), 130, "KeyboardInterrupt"),
    ],
    ids=["full", "closed", "unread", "interrupted"],
)
def test_a_value_that_is_not_delivered_has_a_second_record(
    world: World, told: Told, error: BaseException, status: int, expected: str
) -> None:
    """Of the same request; the first one stands, for some of it may have gone out."""
    assert given_to(world, Refusing(error), *GET) == status
    (request, first), (same, second) = reads(told)
    assert (first, second, same) == ("", expected, request)
    listed = ended(world, "audit", "exposure", "--query", "Exposures[].[Name,Times]")
    assert '"a",\n        2\n' in listed.stdout


def test_a_full_disk_is_found_by_a_process_of_its_own(world: World, told: Told) -> None:
    """As the shell runs it."""
    onto_it = ("sh", "-c", 'exec "$@" >/dev/full', "sh")
    assert separately(world, GET, before=onto_it).status == 255
    assert [each[1] for each in reads(told)] == ["", "OutputError"]


def test_a_query_that_does_not_fit_has_a_second_record(world: World, told: Told) -> None:
    """Only the value shows that it is no number."""
    for _ in range(2):
        done = ended(world, *GET, "--query", f"[abs(SecretString), '{CANARY}']")
        assert (done.status, done.stdout) == (255, "")
        assert [each[1] for each in reads(told)] == ["", "OutputError"]


def test_every_value_of_a_batch_has_one(world: World, told: Told) -> None:
    """In the order in which they were read."""
    assert given_to(world, full(), *BATCH) == 255
    found = reads(told)
    assert [each[1] for each in found] == ["", "", "OutputError", "OutputError"]
    assert len({each[0] for each in found}) == 1


def test_values_are_lost_with_what_fails_behind_them(service: Service, told: Told) -> None:
    """Another request of the same command, say: nothing is written before all of it is there."""

    def read() -> None:
        with delivering(service.session.recorder):
            for name in ("a", "b", "c"):
                service("GetSecretValue", SecretId=name)

    with pytest.raises(ServiceError):
        read()
    missing = "ResourceNotFoundException"
    (a, first), (b, second), (_, third), *lost = reads(told)
    assert [first, second, third] == ["", "", missing]
    assert lost == [(a, missing), (b, missing)]


@pytest.mark.parametrize(
    "words",
    [
        ("list-secrets",),
        ("describe-secret", "--secret-id", "a"),
        ("put-secret-value", "--secret-id", "a", "--secret-string", CANARY),
    ],
    ids=lambda words: words[0],
)
def test_other_answers_have_none(world: World, told: Told, words: tuple[str, ...]) -> None:
    """No value was in them; a change holds, whoever heard of it."""
    assert given_to(world, full(), *words) == 255
    assert not any(code(each) for each in told.events())


@pytest.mark.parametrize(
    ("sources", "status", "expected"),
    [
        (("DB=a", "DB=b"), 252, "DeliveryError"),
        (("A=a", "B=b#key"), 252, "DeliveryError"),
        (("A=a", "B=b", "C=c"), 254, "ResourceNotFoundException"),
    ],
    ids=["one-variable", "no-key", "no-secret"],
)
def test_values_that_no_program_gets_have_one(
    world: World, told: Told, sources: tuple[str, ...], status: int, expected: str
) -> None:
    """Each that was read, in front of what says that the command was not run."""
    assert ended(world, "exec", *sources, "--", "true").status == status
    events = told.events()
    lost = [each for each in events if each.get("errorMessage") == LOST]
    arns = [str(each["resources"]) for each in lost]
    assert [":secret:a-" in arns[0], ":secret:b-" in arns[1]] == [True, True]
    assert {(each["eventName"], code(each)) for each in lost} == {(READ, expected)}
    assert len({each["requestID"] for each in events}) == 1
    assert (events[-1]["eventName"], code(events[-1])) == ("Exec", expected)


def test_a_value_that_is_delivered_has_one_record(world: World, told: Told) -> None:
    """And so has one that is given to a program, and one that nobody looks at."""
    assert ended(world, *GET).status == 0
    assert ended(world, *GET, "--output", "off").status == 0
    assert [each[1] for each in reads(told)] == ["", ""]


@pytest.mark.parametrize(
    ("more", "status"),
    [
        (("--query", "nosuch(@)"), 255),
        (("--query", "a || [b.{c: nosuch(@)}][0]"), 255),
        (("--query", "length(SecretString, @)"), 255),
        (("--query", "merge()"), 255),
        (("--query", "[["), 252),
        (("--output", "xml"), 252),
    ],
    ids=lambda each: each[1] if isinstance(each, tuple) else "",
)
def test_what_no_answer_can_be_asked_is_refused_before_it_is_read(
    world: World, told: Told, more: tuple[str, ...], status: int
) -> None:
    """The vault is not even opened, nor is anything changed."""
    assert ended(world, *GET, *more).status == status
    change = ("put-secret-value", "--secret-id", "a", "--secret-string", CANARY)
    assert ended(world, *change, *more).status == status
    assert told.lines() == []


def test_a_format_that_the_environment_names_is_looked_at_first_too(
    world: World, told: Told
) -> None:
    """As that of --output."""
    environ = {**world.context.environ, "SECRETCTL_OUTPUT": "xml"}
    assert ended(world, *GET, context=world.context._replace(environ=environ)).status == 253
    assert told.lines() == []


@pytest.mark.parametrize("query", ["merge(@, @, @)", "not_null(a, b, c)", "length(a)", "a|b|c"])
def test_calls_that_can_be_made_are_let_through(query: str) -> None:
    """Functions with any number of arguments, and expressions of many parts."""
    check(query)
    check("|".join([query] * 500))
    with pytest.raises(OutputError):
        check(f"{query}|nosuch(@)")


def test_nothing_is_kept_of_reads_that_nobody_writes_out(service: Service, told: Told) -> None:
    """A session that goes on and on does not grow."""
    service("GetSecretValue", SecretId="a")
    assert service.session.recorder.given is None
    assert len(reads(told)) == 1
