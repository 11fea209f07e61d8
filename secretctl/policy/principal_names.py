"""The names by which a policy and a request know principals.

See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

from secretctl.policy.principals import EVERYBODY, SEGMENTS, Principal, is_account

KINDS = ("AWS", "Service", "Federated")

_DIGITS = "0123456789"
_CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_IN_NAME = _CAPITALS + _LETTERS + _DIGITS + "_+=,.@-"
_IN_LABEL = _LETTERS + _DIGITS + "-"
_UNIQUE_ID_LENGTHS = range(16, 129)


def principal(text: str) -> Principal | None:
    """Return the caller *text* names; None if it is no single principal."""
    if _is_service(text) or _is_federated(text):
        return Principal(text, "")
    if not text.startswith("arn:") or not _is_aws(text):
        return None
    account, resource = text.split(":", SEGMENTS - 1)[4:]
    kind, _, name = resource.partition("/")
    role = name.partition("/")[0] if kind == "assumed-role" else ""
    return Principal(text, account, role)


def is_named(kind: str, text: str) -> bool:
    """Tell whether a policy may name a principal of that *kind* like that."""
    if kind == "AWS":
        return _is_aws(text)
    return _is_service(text) if kind == "Service" else _is_federated(text)


def _is_aws(text: str) -> bool:
    if text == EVERYBODY or is_account(text):
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
    segments = text.split(":", SEGMENTS - 1)
    if len(segments) != SEGMENTS or not is_account(segments[4]) or segments[3]:
        return "", "", ""
    _, partition, service, _, _, resource = segments
    if not partition.startswith("aws") or partition.removeprefix("aws").strip(_LETTERS + "-"):
        return "", "", ""
    kind, slash, name = resource.partition("/")
    return service, kind, name if name or not slash else "/"


def _is_service(text: str) -> bool:
    labels = text.removesuffix(".cn").removesuffix(".amazonaws.com")
    return labels != text.removesuffix(".cn") and _is_domain(labels)


def _is_federated(text: str) -> bool:
    if text.startswith("arn:"):
        service, kind, name = _aws_arn(text)
        is_kind = service == "iam" and kind in ("saml-provider", "oidc-provider")
        return is_kind and name[:1] not in ("", "/") and not name.strip(_IN_NAME + "/:")
    domain, slash, path = text.partition("/")
    if slash and (not path or path.strip(_IN_NAME + "/")):
        return False
    return "." in domain and _is_domain(domain)


def _is_domain(text: str) -> bool:
    return all(label and not label.strip(_IN_LABEL) for label in text.split("."))
