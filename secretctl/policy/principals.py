"""Who a policy means: the Principal element, and whether a caller is meant by it.

A name without wildcard, except for ``*``, which is everybody. An account, written as its number or
as its root, means every principal of the account, but an Allow for it only hands the decision on:
the account's own policies must allow as well. A role means its sessions too.

See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

from secretctl.record import NamedTuple

EVERYBODY = "*"
SEGMENTS = 6
"""Of an ARN."""

_DIGITS = "0123456789"
_ACCOUNT_LENGTH = 12


class Principal(NamedTuple):
    """A caller."""

    text: str
    """Its ARN; for a service or an identity provider the name it goes by."""

    account: str
    """Empty for a service or a provider, which belong to none."""

    role: str = ""
    """Of a role's session the name of the role."""

    role_arn: str = ""
    """Of a role's session the ARN of the role, if its path is known: the session's tells none."""


class Principals(NamedTuple):
    """A Principal or NotPrincipal element."""

    is_negated: bool
    everybody: bool
    accounts: frozenset[str]
    names: frozenset[str]

    roles: frozenset[tuple[str, str]]
    """Account and name of the roles among them, without their path."""


def means(element: Principals, caller: Principal) -> bool:
    """Tell whether a statement is about *caller*."""
    if element.is_negated:
        return not _spares(element, caller)
    return names(element, caller) or caller.account in element.accounts


def names(element: Principals, caller: Principal) -> bool:
    """Tell whether the element names *caller* itself or everybody, not only the account."""
    if element.everybody or _names_role(element, caller):
        return True
    return caller.text in element.names and not account_of(caller.text)


def _names_role(element: Principals, caller: Principal) -> bool:
    """Tell whether the role of a session is listed; by its name alone where that is all we have."""
    if caller.role_arn:
        return caller.role_arn in element.names
    return (caller.account, caller.role) in element.roles


def _spares(element: Principals, caller: Principal) -> bool:
    """Tell whether NotPrincipal lists the caller and all that it is part of.

    That is the account, and of a session its role as well. An account's root is listed as the
    account; a service or a provider is part of none.

    See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
    """
    if element.everybody:
        return True
    is_listed = caller.text in element.names or bool(account_of(caller.text))
    is_role_listed = not caller.role or _names_role(element, caller)
    is_account_listed = not caller.account or caller.account in element.accounts
    return is_listed and is_role_listed and is_account_listed


def account_of(text: str) -> str:
    """Return the number of the account that *text* names as a whole; empty if it is none."""
    if is_account(text):
        return text
    return text.split(":")[4] if text.startswith("arn:") and text.endswith(":root") else ""


def is_account(text: str) -> bool:
    """Tell whether *text* is the number of an account."""
    return len(text) == _ACCOUNT_LENGTH and not text.strip(_DIGITS)
