"""Paginators, as boto3 has them: an operation called as often as it takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from secretctl.errors import ServiceError, UsageError
from secretctl.model.shapes import Operation
from secretctl.sdk.exceptions import PaginationError
from secretctl.service import paging
from secretctl.service.paging import Paging

Page = dict[str, object]
Call = Callable[[Page], Page]


class PageIterator:
    """The pages of one list. Each time it is gone through, the operation is called anew."""

    def __init__(self, call: Call, operation: Operation, parameters: Page, wanted: Paging) -> None:
        self._call = call
        self._operation = operation
        self._parameters = parameters
        self._wanted = wanted
        self.resume_token: str | None = None
        """What StartingToken takes up a list at that MaxItems cut; None if it is whole."""

    def __iter__(self) -> Iterator[Page]:
        """Yield pages as the operation answers them, the last one cut to MaxItems.

        Raises:
            ClientError: As the operation.
            PaginationError: The list goes round in circles.
            ValueError: The StartingToken is none.
        """
        pages = self._operation.pages
        assert pages is not None, "it is divided into pages"
        told: Page = {}

        def call(parameters: Page) -> Page:
            answer = self._call(parameters)
            told.update({pages.output_token: answer.get(pages.output_token)})
            return answer

        self.resume_token = None
        found = paging.each_page(call, self._operation, self._parameters, self._wanted)
        for page in _raising(found):
            resume = page.pop("NextToken", None)
            self.resume_token = resume if isinstance(resume, str) else None
            yield page | {name: token for name, token in told.items() if token is not None}

    def build_full_result(self) -> Page:
        """Return one answer with the items of all pages, and NextToken where MaxItems cut it.

        Raises:
            ClientError, PaginationError, ValueError: As going through the pages.
        """
        pages = self._operation.pages
        assert pages is not None, "it is divided into pages"
        items: list[object] = []
        for page in self:
            found = page[pages.result]
            items += found if isinstance(found, list) else ()
        resume = {"NextToken": self.resume_token} if self.resume_token else {}
        return {pages.result: items, **resume}

    def search(self, expression: str) -> Iterator[object]:
        """Yield what a JMESPath expression finds in each page, the items of a list one by one."""
        import jmespath

        compiled = jmespath.compile(expression)
        for page in self:
            found = compiled.search(page)
            if isinstance(found, list):
                yield from found
            else:
                yield found


class Paginator:
    """Divides an operation's list into pages."""

    def __init__(self, call: Call, operation: Operation) -> None:
        self._call = call
        self._operation = operation

    def paginate(self, **parameters: object) -> PageIterator:
        """Return the pages of a request.

        Args:
            parameters: Those of the operation; and ``PaginationConfig``, in which ``MaxItems`` is
                how many items are wanted, ``PageSize`` how many a page has at most, and
                ``StartingToken`` a ``resume_token`` of before.
        """
        config = parameters.pop("PaginationConfig", None) or {}
        if not isinstance(config, Mapping):
            raise TypeError("PaginationConfig must be a dictionary")
        size, most = config.get("PageSize"), config.get("MaxItems")
        wanted = Paging(
            page_size=None if size is None else int(size),
            max_items=None if most is None else int(most),
            starting_token=config.get("StartingToken"),
        )
        return PageIterator(self._call, self._operation, parameters, wanted)


def _raising(pages: Iterator[Page]) -> Iterator[Page]:
    """Yield *pages*; what is wrong with tokens has the exceptions of boto3."""
    try:
        yield from pages
    except UsageError as error:
        raise ValueError(error.message) from None
    except ServiceError:  # the operation raises others
        raise PaginationError("The same next token was received twice") from None
