"""The words the declaration is written in: shapes, members, operations.

Tuples without behaviour. Command line, help, completion, validation, skeletons and HTTP are
functions over them.
"""

from __future__ import annotations

from collections.abc import Callable

from secretctl.errors import ServiceError
from secretctl.record import NamedTuple

Parameters = dict[str, object]
"""What an operation is given: wire names with their values."""

Result = dict[str, object]
"""What an operation answers, likewise."""

Fields = dict[str, object]
"""The members of another JSON object: a record of the journal, or a part of one."""


class Shape(NamedTuple):
    """One type of the API."""

    kind: str
    """``string``, ``blob``, ``integer``, ``long``, ``boolean``, ``timestamp``, ``list``,
    ``structure`` or ``map`` (string to ``item``)."""

    min: int | None = None
    """Fewest characters, bytes or items; for a number the least value."""

    max: int | None = None
    pattern: str = ""
    """Regular expression as AWS publishes it."""

    enum: tuple[str, ...] = ()
    sensitive: bool = False
    """May never be logged, echoed in an error, or kept in an audit record."""

    document: bool = False
    """Text that is JSON: where it is answered, AWS's clients write the object it holds."""

    item: Shape | None = None
    """Type of a list's items or of a map's values."""

    members: tuple[Member, ...] = ()
    """Fields of a structure."""


class Member(NamedTuple):
    """A field, spelled as on the wire (``SecretId``)."""

    name: str
    shape: Shape
    doc: str = ""
    required: bool = False
    idempotency_token: bool = False
    """Filled with a random UUID when the caller gives none."""

    completer: str = ""
    """What a shell may offer: ``secret``, ``stage``, ``version``, ``region``; ``user``, ``group``,
    ``role``, ``role-arn``, ``principal`` (ARN of any of the three), ``policy`` (ARN),
    ``policy-version``, ``inline-policy``, ``access-key``, ``grantee`` (ARN of a user or role);
    ``key-id``, ``key`` (an alias as well), ``alias``, ``grant``; ``action``;
    ``function`` (one that rotates, of those that come with us); or nothing."""


class Pages(NamedTuple):
    """How an operation's result is divided (AWS's paginator)."""

    result: str
    """Output member whose items are counted."""

    input_token: str = "NextToken"  # noqa: S105 the name of a field, not a token
    output_token: str = "NextToken"  # noqa: S105 the name of a field, not a token
    limit: str = "MaxResults"
    more_results: str = ""
    """Output member that says whether there is another page; if empty, a token says it."""

    non_aggregate: tuple[str, ...] = ()
    """Output members that are the same in every page, and are answered once."""


class Operation(NamedTuple):
    """One API operation."""

    name: str
    summary: str
    """One sentence, imperative, with a full stop."""

    handler: str
    """``module:function``, imported on first call."""

    input: tuple[Member, ...] = ()
    output: tuple[Member, ...] = ()
    errors: tuple[str, ...] = ()
    pages: Pages | None = None
    """Set only where AWS publishes a paginator."""

    read_only: bool = False
    example: str = ""
    """One command line a person would type."""

    service: str = "secretsmanager"
    """Whose it is: the prefix of the policy action, and of ``.amazonaws.com`` as eventSource."""

    local: tuple[Member, ...] = ()
    """What the command line takes besides: ours, and no parameter of the operation."""


Decide = Callable[[Result | ServiceError], tuple[Operation, Parameters] | None]
"""Given what was read, or why it was not, tells what is called next; None: nothing."""


def kebab(name: str) -> str:
    """Spell a wire name as a flag: ``RotationLambdaARN`` becomes ``rotation-lambda-arn``."""
    words, start = [], 0
    for index in range(1, len(name)):
        in_acronym = name[index - 1].isupper() and not name[index + 1 : index + 2].islower()
        if name[index].isupper() and not in_acronym:
            words.append(name[start:index])
            start = index
    return "-".join((*words, name[start:])).lower()


def command_of(operation: Operation) -> str:
    """Return what is typed to call *operation*: ``get-secret-value``, ``iam create-user``."""
    name = kebab(operation.name)
    return name if operation.service == "secretsmanager" else f"{operation.service} {name}"


def camel(name: str) -> str:
    """Spell a wire name as CloudTrail and constraint sentences do: ``SecretId`` is ``secretId``."""
    return name[:1].lower() + name[1:]


def snake(name: str) -> str:
    """Spell a wire name as a Python argument: ``SecretId`` becomes ``secret_id``."""
    return kebab(name).replace("-", "_")
