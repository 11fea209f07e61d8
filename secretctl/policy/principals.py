"""Who a policy means: the Principal element, and whether a caller is meant by it.

A name without wildcard, except for ``*``, which is everybody. An account, written as its number or
as its root, means every principal of the account, but an Allow for it only hands the decision on:
the account's own policies must allow as well. A role means its sessions too.

See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

from secretctl.record import NamedTuple

EVERYBODY = "*"
KINDS = ("AWS", "Service", "Federated")

_DIGITS = "0123456789"
_CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_IN_NAME = _CAPITALS + _LETTERS + _DIGITS + "_+=,.@-"
_IN_LABEL = _LETTERS + _DIGITS + "-"
_ACCOUNT_LENGTH = 12
_UNIQUE_ID_LENGTHS = range(16, 129)
_SEGMENTS = 6


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


def principal(text: str) -> Principal | None:
    """Return the caller *text* names; None if it is no single principal."""
    if _is_service(text) or _is_federated(text):
        return Principal(text, "")
    if text == EVERYBODY or not text.startswith("arn:") or not _is_aws(text):
        return None
    account, resource = text.split(":", _SEGMENTS - 1)[4:]
    kind, _, name = resource.partition("/")
    role = name.partition("/")[0] if kind == "assumed-role" else ""
    return Principal(text, account, role)


def is_named(kind: str, text: str) -> bool:
    """Tell whether a policy may name a principal of that *kind* like that."""
    if kind == "AWS":
        return _is_aws(text)
    return _is_service(text) if kind == "Service" else _is_federated(text)


def principals(named: list[str], *, is_negated: bool) -> Principals:
    """Return the element that names those."""
    roles = set()
    for text in named:
        segments = text.split(":", _SEGMENTS - 1)
        if len(segments) == _SEGMENTS and segments[5].startswith("role/"):
            roles.add((segments[4], segments[5].rpartition("/")[2]))
    return Principals(
        is_negated=is_negated,
        everybody=EVERYBODY in named,
        accounts=frozenset({account_of(text) for text in named} - {""}),
        names=frozenset(named),
        roles=frozenset(roles),
    )


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
    if _is_account(text):
        return text
    return text.split(":")[4] if text.startswith("arn:") and text.endswith(":root") else ""


def _is_aws(text: str) -> bool:
    if text == EVERYBODY or _is_account(text):
        return True
    if not text.startswith("arn:"):
        return len(text) in _UNIQUE_ID_LENGTHS and not text.strip(_CAPITALS + _DIGITS)
    service, kind, name = _aws_arn(text)
    if service == "iam":
        is_kind = kind in ("user", "role") and not name.strip(_IN_NAME + "/")
        return (kind == "root" and not name) or (is_kind and _has_no_empty_part(name))
    if service != "sts" or not _has_no_empty_part(name):
        return False
    parts = 2 if kind == "assumed-role" else 1
    is_kind = kind in ("assumed-role", "federated-user")
    return is_kind and name.count("/") == parts - 1 and not name.strip(_IN_NAME + "/:")


def _has_no_empty_part(name: str) -> bool:
    return all(name.split("/"))


def _aws_arn(text: str) -> tuple[str, str, str]:
    """Return service, kind and name of an ARN of IAM; empty texts if it is none."""
    segments = text.split(":", _SEGMENTS - 1)
    if len(segments) != _SEGMENTS or not _is_account(segments[4]) or segments[3]:
        return "", "", ""
    _, partition, service, _, _, resource = segments
    if not partition.startswith("aws") or partition.removeprefix("aws").strip(_LETTERS + "-"):
        return "", "", ""
    kind, slash, name = resource.partition("/")
    return service, kind, name if name or not slash else "/"


def _is_account(text: str) -> bool:
    return len(text) == _ACCOUNT_LENGTH and not text.strip(_DIGITS)


def _is_service(text: str) -> bool:
    labels = text.removesuffix(".cn").removesuffix(".amazonaws.com")
    return labels != text.removesuffix(".cn") and _is_domain(labels)


def _is_federated(text: str) -> bool:
    if text.startswith("arn:"):
        service, kind, name = _aws_arn(text)
        is_kind = service == "iam" and kind in ("saml-provider", "oidc-provider")
        return is_kind and bool(name) and not name.strip(_IN_NAME + "/:")
    domain, slash, path = text.partition("/")
    if slash and (not path or path.strip(_IN_NAME.replace("+=,@", "") + "/")):
        return False
    return "." in domain and _is_domain(domain)


def _is_domain(text: str) -> bool:
    return all(label and not label.strip(_IN_LABEL) for label in text.split("."))
