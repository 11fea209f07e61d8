"""The client by its name; type checkers find its methods and answers in the stub beside this."""

from secretctl.sdk.client import Exceptions, Meta, SecretsManager
from secretctl.sdk.paginators import PageIterator, Paginator

__all__ = ["Exceptions", "Meta", "PageIterator", "Paginator", "SecretsManager"]
