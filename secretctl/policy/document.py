"""The form of a resource policy: strict JSON, and IAM's grammar for resource policies.

Nothing is answered about who may do what. What could be read in two ways, or is not known, is
refused: a misspelt element must not widen a policy. Messages never hold content.

See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

import re

from secretctl.errors import ServiceError
from secretctl.policy import strict_json

MAX_CHARACTERS = 20480
VERSIONS = ("2012-10-17", "2008-10-17")

Document = dict[str, object]

_BAD_JSON = "This policy contains invalid Json"
_BAD_VERSION = "This policy has invalid syntax."
_BAD_SYNTAX = "This resource policy contains a syntax error."
_BAD_PRINCIPAL = "This resource policy contains an unsupported principal."
_BAD_SERVICE = "This resource policy contains an invalid (unsupported) service principal."
_BROAD = "You can't attach a resource-based policy that allows broad access to the secret."

_DOCUMENT_KEYS = {"Version", "Id", "Statement"}
_STATEMENT_KEYS = {
    *("Sid", "Effect", "Principal", "NotPrincipal"),
    *("Action", "NotAction", "Resource", "NotResource", "Condition"),
}
_ACTION = re.compile(r"\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+")
_RESOURCE = re.compile(r"\*|arn:[^:]*:[^:]*:[^:]*:[^:]*:.+", re.DOTALL)
_ACCOUNT = r"[0-9]{12}"
_AWS_PRINCIPAL = re.compile(
    rf"\*|{_ACCOUNT}|[A-Z0-9]{{16,128}}"
    rf"|arn:aws[a-z-]*:iam::{_ACCOUNT}:(?:root|(?:user|role)/[\w+=,.@/-]+)"
    rf"|arn:aws[a-z-]*:sts::{_ACCOUNT}:(?:assumed-role|federated-user)/[\w+=,.@:/-]+",
    re.ASCII,
)
_SERVICE_PRINCIPAL = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.amazonaws\.com(?:\.cn)?")
_FEDERATED_PRINCIPAL = re.compile(
    rf"arn:aws[a-z-]*:iam::{_ACCOUNT}:(?:saml|oidc)-provider/[\w+=,.@:/-]+"
    r"|[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:/[\w./-]+)?",
    re.ASCII,
)
_OPERATOR = re.compile(
    r"(?:For(?:All|Any)Values?:)?"
    r"(?:(?:String(?:Not)?(?:Equals(?:IgnoreCase)?|Like)"
    r"|Numeric(?:(?:Not)?Equals|(?:Less|Greater)Than(?:Equals)?)"
    r"|Date(?:(?:Not)?Equals|(?:Less|Greater)Than(?:Equals)?)"
    r"|Bool|BinaryEquals|(?:Not)?IpAddress"
    r"|Arn(?:Not)?(?:Equals|Like))(?:IfExists)?"
    r"|Null)"
)
_NARROWING_KEYS = {
    *("aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:userid"),
    *("aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceowner"),
    *("aws:sourceip", "aws:sourcevpc", "aws:sourcevpce"),
}
_NARROWING_OPERATORS = {
    *("StringEquals", "StringLike", "StringEqualsIgnoreCase"),
    *("ArnEquals", "ArnLike", "IpAddress"),
}
_WIDEST_PREFIX_V4 = 8
_WIDEST_PREFIX_V6 = 32


def parse(text: str) -> Document:
    """Read and check a resource policy.

    Returns:
        The document as written, its form checked throughout.

    Raises:
        ServiceError: ``MalformedPolicyDocumentException``.
    """
    document = _read(text)
    _check_document(document)
    return document


def problems(text: str) -> list[tuple[str, str]]:
    """Return what ValidateResourcePolicy finds: pairs of a check's name and a message.

    The names are ``SYNTAX`` and ``PUBLIC_ACCESS``; AWS publishes none.
    """
    try:
        document = parse(text)
    except ServiceError as error:
        return [("SYNTAX", error.message)]
    return [("PUBLIC_ACCESS", _BROAD)] if is_public(document) else []


def is_public(document: Document) -> bool:
    """Tell whether some statement allows everybody in.

    A wildcard principal counts as everybody unless a condition ties it to values that are
    fixed: an account, an organization, a principal, a source or a network. Where in doubt the
    answer is yes.

    Args:
        document: What :func:`parse` returned.
    """
    return any(_is_broad(statement) for statement in _statements(document))


def _is_broad(statement: Document) -> bool:
    if statement["Effect"] != "Allow":
        return False
    principal = statement["Principal"]
    everybody = principal == "*" or (
        isinstance(principal, dict) and "*" in _texts(principal.get("AWS", []))
    )
    return everybody and not _is_narrowed(statement.get("Condition", {}))


def _is_narrowed(condition: object) -> bool:
    if not isinstance(condition, dict):
        return False
    return any(
        operator in _NARROWING_OPERATORS
        and key.lower() in _NARROWING_KEYS
        and _are_fixed(_texts(values))
        for operator, block in condition.items()
        for key, values in block.items()
    )


def _are_fixed(values: list[str]) -> bool:
    return bool(values) and all(
        not set("*?$") & set(value) and not _is_wide_network(value) for value in values
    )


def _is_wide_network(value: str) -> bool:
    head, slash, bits = value.rpartition("/")
    if not slash or not re.fullmatch(r"[0-9.]+|[0-9A-Fa-f:.]+", head):
        return False
    widest = _WIDEST_PREFIX_V6 if ":" in head else _WIDEST_PREFIX_V4
    return not re.fullmatch(r"[0-9]{1,3}", bits) or int(bits) < widest


def _read(text: str) -> Document:
    if len(text) > MAX_CHARACTERS:
        raise _malformed(_BAD_JSON)
    try:
        document = strict_json.read(text)
    except ValueError:
        raise _malformed(_BAD_JSON) from None
    if not isinstance(document, dict):
        raise _malformed(_BAD_SYNTAX)
    return document


def _check_document(document: Document) -> None:
    _check(set(document) <= _DOCUMENT_KEYS)
    if document.get("Version", VERSIONS[0]) not in VERSIONS:
        raise _malformed(_BAD_VERSION)
    _check(_is_text(document.get("Id", "")))
    statements = document.get("Statement")
    if isinstance(statements, dict):
        statements = [statements]
    _check(isinstance(statements, list) and bool(statements))
    checked = _statements(document)
    for statement in checked:
        _check_statement(statement)
    sids = [statement["Sid"] for statement in checked if statement.get("Sid")]
    _check(len(set(sids)) == len(sids))


def _statements(document: Document) -> list[Document]:
    found = document["Statement"]
    items = found if isinstance(found, list) else [found]
    statements = [item for item in items if isinstance(item, dict)]
    _check(len(statements) == len(items))
    return statements


def _check_statement(statement: Document) -> None:
    _check(set(statement) <= _STATEMENT_KEYS)
    _check(_is_text(statement.get("Sid", "")))
    _check(statement.get("Effect") in ("Allow", "Deny"))
    for name in ("Principal", "Action", "Resource"):
        _check((name in statement) != (f"Not{name}" in statement))
    # NotPrincipal with Allow would let in everybody but those named.
    _check("NotPrincipal" not in statement or statement["Effect"] == "Deny")
    _check_patterns(statement.get("Action", statement.get("NotAction")), _ACTION)
    _check_patterns(statement.get("Resource", statement.get("NotResource")), _RESOURCE)
    _check_principal(statement.get("Principal", statement.get("NotPrincipal")))
    _check_condition(statement.get("Condition", {}))


def _check_patterns(value: object, pattern: re.Pattern[str]) -> None:
    texts = _texts(value)
    _check(bool(texts) and all(pattern.fullmatch(text) for text in texts))


def _check_principal(principal: object) -> None:
    if principal == "*":
        return
    if not isinstance(principal, dict) or not principal:
        raise _malformed(_BAD_PRINCIPAL)
    for kind, value in principal.items():
        pattern, message = _PRINCIPALS.get(kind, (None, _BAD_PRINCIPAL))
        texts = _texts(value)
        if not texts or pattern is None or not all(pattern.fullmatch(text) for text in texts):
            raise _malformed(message)


_PRINCIPALS = {
    "AWS": (_AWS_PRINCIPAL, _BAD_PRINCIPAL),
    "Federated": (_FEDERATED_PRINCIPAL, _BAD_PRINCIPAL),
    "Service": (_SERVICE_PRINCIPAL, _BAD_SERVICE),
}


def _check_condition(condition: object) -> None:
    for operator, block in _items(condition):
        _check(_OPERATOR.fullmatch(operator) is not None)
        _check(bool(block))
        for key, values in _items(block):
            _check(_is_text(key) and bool(key))
            items = values if isinstance(values, list) else [values]
            _check(bool(items) and all(_is_scalar(item) for item in items))


def _items(value: object) -> list[tuple[str, object]]:
    if not isinstance(value, dict):
        raise _malformed(_BAD_SYNTAX)
    return list(value.items())


def _texts(value: object) -> list[str]:
    """Return a text or list of texts as a list; empty if it is anything else."""
    items = value if isinstance(value, list) else [value]
    texts = [item for item in items if isinstance(item, str)]
    return texts if len(texts) == len(items) else []


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_scalar(value: object) -> bool:
    return isinstance(value, str | int | float)


def _check(holds: bool) -> None:  # noqa: FBT001 a condition, not a switch
    if not holds:
        raise _malformed(_BAD_SYNTAX)


def _malformed(message: str) -> ServiceError:
    return ServiceError("MalformedPolicyDocumentException", message)
