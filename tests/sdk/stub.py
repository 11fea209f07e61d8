"""The stub of the client, written from the declarations; the names of structures are botocore's."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session

from secretctl.model.operations import OPERATIONS
from secretctl.model.shapes import Member, Operation, Shape, snake
from secretctl.sdk.exceptions import DECLARED

STUB = Path(__file__).parents[2] / "secretctl/sdk/secretsmanager.pyi"
PUBLISHED = botocore.session.get_session().get_service_model("secretsmanager")
PLAIN = {
    "string": "str",
    "integer": "int",
    "long": "int",
    "boolean": "bool",
    "timestamp": "datetime",
}
TOP = """\
# Written by tests/sdk/test_stub.py from the declarations: change those.

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from types import TracebackType
from typing import (
    Any,
    Generic,
    Literal,
    NamedTuple,
    NoReturn,
    NotRequired,
    Self,
    TypeAlias,
    TypedDict,
    TypeVar,
    overload,
)

from secretctl.model.shapes import Operation
from secretctl.sdk import exceptions
from secretctl.sdk.held import Outcome

_T = TypeVar("_T")
Items: TypeAlias = list[_T] | tuple[_T, ...]

class Metadata(TypedDict):
    RequestId: str
    HTTPStatusCode: int
    HTTPHeaders: dict[str, str]
    RetryAttempts: int

class PaginationConfig(TypedDict):
    MaxItems: NotRequired[int | None]
    PageSize: NotRequired[int | None]
    StartingToken: NotRequired[str | None]

class Meta(NamedTuple):
    region_name: str
    method_to_api_mapping: Mapping[str, str] = ...
    partition: str = ...

class PageIterator(Generic[_T]):
    resume_token: str | None
    def __iter__(self) -> Iterator[_T]: ...
    def build_full_result(self) -> _T: ...
    def search(self, expression: str) -> Iterator[Any]: ...
"""
CLIENT = """\
class SecretsManager:
    exceptions: Exceptions
    meta: Meta
    def __init__(
        self,
        ask: Callable[[Operation, dict[str, object]], Outcome],
        close: Callable[[], None],
        region_name: str,
    ) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
    def close(self) -> None: ...
    def can_paginate(self, operation_name: str) -> bool: ...
    @property
    def waiter_names(self) -> list[str]: ...
    def get_waiter(self, waiter_name: str) -> NoReturn: ...
"""


class Structures:
    """The structures that members are of, by their names."""

    def __init__(self) -> None:
        self.answered: set[str] = set()
        self.found: dict[str, tuple[tuple[Member, ...], Any]] = {}
        self.choices: dict[str, tuple[str, ...]] = {}

    def type_of(self, shape: Shape, published: Any, *, is_answer: bool) -> str:
        """Return the type of a value; what it is made of is found on the way."""
        if shape.kind == "structure":
            for member in shape.members:
                inner = published.members[member.name]
                self.type_of(member.shape, inner, is_answer=is_answer)
            self.found[published.name] = shape.members, published
            if is_answer:
                self.answered.add(published.name)
            return str(published.name)
        if shape.kind == "list":
            assert shape.item is not None
            item = self.type_of(shape.item, published.member, is_answer=is_answer)
            return f"list[{item}]" if is_answer else f"Items[{item}]"
        if shape.kind == "map":
            assert shape.item is not None
            return f"dict[str, {self.type_of(shape.item, published.value, is_answer=is_answer)}]"
        if shape.kind == "blob":
            return "bytes" if is_answer else "str | bytes | bytearray"
        if shape.enum:
            self.choices[published.name] = shape.enum
            return str(published.name)
        return PLAIN[shape.kind]

    def written(self) -> Iterator[str]:
        """Yield the text of each."""
        for name, choices in sorted(self.choices.items()):
            words = "".join(f'    "{word}",\n' for word in choices)
            yield f"{name}: TypeAlias = Literal[\n{words}]\n"
        for name, (members, published) in sorted(self.found.items()):
            text = f"class {name}(TypedDict):\n"
            for member in members:
                inner = published.members[member.name]
                kind = self.type_of(member.shape, inner, is_answer=name in self.answered)
                kind = kind if member.required else f"NotRequired[{kind}]"
                text += f"    {member.name}: {kind}\n"
            yield text


def published_of(operation: Operation) -> tuple[Any, Any]:
    """Return the published members of request and answer; of an operation of ours, DeleteSecret's.

    What those have in common with ours is plain text.
    """
    known = operation.name in PUBLISHED.operation_names
    model = PUBLISHED.operation_model(operation.name if known else "CancelRotateSecret")
    shapes = (model.input_shape, model.output_shape)
    given, answered = (shape.members if shape is not None else {} for shape in shapes)
    return given, answered


def parameters(operation: Operation, structures: Structures) -> str:
    """Return the parameters of a method, each on its line."""
    published, _ = published_of(operation)
    lines = []
    for member in operation.input:
        kind = structures.type_of(member.shape, published.get(member.name), is_answer=False)
        lines.append(f"        {member.name}: {kind}{'' if member.required else ' = ...'},\n")
    return "".join(lines)


def answer(operation: Operation, structures: Structures) -> str:
    """Return the type of a method's answer."""
    _, published = published_of(operation)
    text = f"class {operation.name}Response(TypedDict):\n"
    for member in operation.output:
        kind = structures.type_of(member.shape, published.get(member.name), is_answer=True)
        text += f"    {member.name}: {kind}\n"
    return f"{text}    ResponseMetadata: Metadata\n"


def paginator(operation: Operation, structures: Structures) -> str:
    """Return the class of an operation's paginator."""
    return (
        f"class {operation.name}Paginator:\n"
        "    def paginate(\n        self,\n        *,\n"
        f"{parameters(operation, structures)}"
        "        PaginationConfig: PaginationConfig = ...,\n"
        f"    ) -> PageIterator[{operation.name}Response]: ...\n"
    )


def method(operation: Operation, structures: Structures) -> str:
    """Return a method of the client."""
    name, given = snake(operation.name), parameters(operation, structures)
    head = f"    def {name}(self)"
    if given:
        head = f"    def {name}(\n        self,\n        *,\n{given}    )"
    return f"{head} -> {operation.name}Response: ...\n"


def written() -> str:
    """Return the stub."""
    structures = Structures()
    paged = [each for each in OPERATIONS if each.pages is not None]
    answers = [answer(each, structures) for each in OPERATIONS]
    paginators = [paginator(each, structures) for each in paged]
    methods = [method(each, structures) for each in OPERATIONS]
    got = [
        "    @overload\n"
        "    def get_paginator(\n        self,\n"
        f'        operation_name: Literal["{snake(each.name)}"],\n'
        f"    ) -> {each.name}Paginator: ...\n"
        for each in paged
    ]
    errors = "class Exceptions:\n    ClientError = exceptions.ClientError\n"
    errors += "".join(f"    {name} = exceptions.{name}\n" for name in DECLARED)
    errors += "    def from_code(self, error_code: str) -> type[exceptions.ClientError]: ...\n"
    client = CLIENT + "".join(got) + "".join(methods)
    return "\n".join((TOP, *structures.written(), *answers, *paginators, errors, client))
