"""Simulate requests: a case as JSON, and what the engine says of it as JSON.

A case is ``{action, resource, principal, identityPolicies: [document…], resourcePolicy: document or
null, context: {key: string or list}}``; a document is an object, or text that holds one, or
``{arn, document}`` with the ARN it goes by. Of a role that is to be assumed the resource policy is
its trust policy, which must allow in any case. Whether caller and resource are of one account is
read from their ARNs. Nothing is added to the context.
"""

from __future__ import annotations

from secretctl import json_text
from secretctl.policy import (
    evaluation,
    grammar,
    placing,
    principal_names,
    strict_json,
)
from secretctl.policy.decisions import (
    ALLOWED,
    BOUNDARY,
    ENDPOINT,
    RESOURCE_CONTROL,
    SERVICE_CONTROL,
    SESSION,
    Request,
    Result,
    deciding,
)
from secretctl.policy.evaluation import Policies
from secretctl.policy.faults import IDENTITY, RESOURCE, TRUST, Fault, Path, pointer
from secretctl.policy.json_places import Places
from secretctl.policy.refusal import sentence
from secretctl.policy.statements import Policy, Statement
from secretctl.policy.unmet import unmet
from secretctl.record import NamedTuple

MEMBERS = ("action", "resource", "principal", "identityPolicies", "resourcePolicy", "context")
LIMITS = {
    "permissionsBoundary": (BOUNDARY, IDENTITY),
    "sessionPolicies": (SESSION, IDENTITY),
    "serviceControlPolicies": (SERVICE_CONTROL, IDENTITY),
    "resourceControlPolicies": (RESOURCE_CONTROL, RESOURCE),
    "endpointPolicy": (ENDPOINT, RESOURCE),
}
"""May be given as well, a document or a list of them: types of policies that bound the others, and
their grammar. Service control policies are those of one level of the organization."""

_WITH_ARN = {"arn", "document"}
REMARKS = ("id", "name", "comment", "expect")
"""Members for whoever writes cases; they change nothing."""

Case = dict[str, object]
Answer = dict[str, object]

_ACTION = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-"


class _Case(NamedTuple):
    """A case as it is read, with what is wrong with it."""

    members: Case
    faults: list[Fault]

    def wrong(self, path: Path, message: str) -> None:
        self.faults.append(Fault(path, message))


def simulate_text(text: str) -> Answer:
    """Return the answer to a case in JSON; see `simulate`."""
    try:
        case = strict_json.read(text)
    except ValueError:
        message, (line, column) = Places(text.rstrip()).read() or (
            "this is not strict JSON",
            (1, 1),
        )
        return {"error": f"line {line}, column {column}: {message}"}
    return simulate(case) if isinstance(case, dict) else {"error": "a case is a JSON object"}


def simulate(case: Case) -> Answer:
    """Return the decision on a case.

    Returns:
        ``decision``, and ``identity`` and ``resource`` with what each type of policy alone said:
        Allowed, ImplicitlyDenied or ExplicitlyDenied. ``decidingStatements`` and
        ``failedConditions`` name type and number of the policy, number and Sid of the statement.
        ``message`` is AWS's sentence, where it is refused. For a malformed case there is
        ``error`` alone, which begins with the JSON pointer to the first fault; line and column
        follow in a document that is text.
    """
    if not strict_json.is_shallow(case):
        return {"error": "the case is nested too deeply"}
    read = _Case(case, [])
    request = _request(read)
    is_trust = request is not None and evaluation.asks_trust(request)
    policies = _policies(read, is_trust=is_trust)
    for name in case:
        if name not in (*MEMBERS, *LIMITS, *REMARKS):
            read.wrong((name,), "there is no such member")
    if read.faults or request is None:
        fault = read.faults[0]
        return {"error": f"{pointer(fault.path) or 'the case'}: {fault.message}"}
    return told(evaluation.evaluate(request, policies))


def is_action(text: str) -> bool:
    """Tell whether *text* names one action: ``SERVICE:NAME``."""
    service, _, name = text.partition(":")
    return bool(service and name) and not (service + name).strip(_ACTION)


def _request(read: _Case) -> Request | None:
    texts = {}
    for name in ("action", "resource", "principal"):
        value = read.members.get(name)
        texts[name] = value if isinstance(value, str) else ""
        if not isinstance(value, str):
            read.wrong((name,), "this is text")
    if not is_action(texts["action"]):
        read.wrong(("action",), "an action is SERVICE:NAME, without wildcards")
    caller = principal_names.principal(texts["principal"])
    if caller is None:
        read.wrong(("principal",), "this is no ARN of a user, role, session or account root")
    context = _context(read)
    if caller is None:
        return None
    request = evaluation.request(caller, texts["action"], texts["resource"], context)
    if texts["resource"] != "*" and not request.resource.segments:
        read.wrong(("resource",), "a resource is an ARN, or * for an action about none")
    return request


def _context(read: _Case) -> dict[str, str | tuple[str, ...]]:
    whole = read.members.get("context", {})
    context: dict[str, str | tuple[str, ...]] = {}
    if not isinstance(whole, dict):
        read.wrong(("context",), "a context is a JSON object")
        return context
    for key, value in whole.items():
        texts = [_text(each) for each in (value if isinstance(value, list) else [value])]
        known = tuple([text for text in texts if text is not None])
        if len(known) < len(texts):
            read.wrong(("context", key), "a value is text, or a list of texts")
        if key.lower() in context:
            read.wrong(("context", key), "this key is given in another spelling as well")
        elif known or isinstance(value, list):
            context[key.lower()] = known if isinstance(value, list) else known[0]
    return context


def _text(value: object) -> str | None:
    """Return text as it is, and what needs no quotes in a policy as a policy would read it."""
    if isinstance(value, bool | int | float):
        return json_text.compact(value)
    return value if isinstance(value, str) else None


def _policies(read: _Case, *, is_trust: bool) -> Policies:
    resource, kind = read.members.get("resourcePolicy"), TRUST if is_trust else RESOURCE
    of_resource = () if resource is None else _one(read, resource, ("resourcePolicy",), kind)
    limits = [(type_, _limit(read, name)) for name, (type_, _) in LIMITS.items()]
    return Policies(
        identity=_many(read, "identityPolicies", IDENTITY),
        resource=of_resource[0] if of_resource else None,
        is_trust=is_trust,
        limits=tuple([limit for limit in limits if limit[1]]),
    )


def _limit(read: _Case, name: str) -> tuple[Policy, ...]:
    """Return the policies of one type of limit; none where it does not apply.

    Resource control policies only ever take away: AWS's own, which allows everything, is attached
    with them everywhere and cannot be detached.
    """
    type_, kind = LIMITS[name]
    given = read.members.get(name)
    if given in (None, []):
        return ()
    if not name.endswith("Policies"):
        return _one(read, given, (name,), kind)
    more = _always() if type_ == RESOURCE_CONTROL else ()
    return (*_many(read, name, kind), *more)


def _always() -> tuple[Policy, ...]:
    everything = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
    policy, _ = grammar.read({"Statement": everything}, RESOURCE, "RCPFullAWSAccess")
    return () if policy is None else (policy,)


def _many(read: _Case, name: str, kind: str) -> tuple[Policy, ...]:
    documents = read.members.get(name, [])
    if not isinstance(documents, list):
        read.wrong((name,), "this is a list of policies")
        return ()
    return tuple(
        [
            policy
            for number, document in enumerate(documents)
            for policy in _one(read, document, (name, number), kind)
        ]
    )


def _one(read: _Case, document: object, path: Path, kind: str) -> tuple[Policy, ...]:
    """Return the policy, if it is one."""
    name = pointer(path)
    if isinstance(document, dict) and set(document) == _WITH_ARN:
        if not isinstance(document["arn"], str):
            read.wrong((*path, "arn"), "this is text")
        name, document, path = str(document["arn"]), document["document"], (*path, "document")
    if isinstance(document, str):
        policy, faults = grammar.read_text(document, kind, name)
        faults = _placed(document, kind) if faults else ()
    elif len(json_text.compact(document)) > grammar.MAX_CHARACTERS:
        policy, faults = None, (grammar.TOO_LONG,)
    else:
        policy, faults = grammar.read(document, kind, name)
    read.faults.extend([fault._replace(path=(*path, *fault.path)) for fault in faults])
    return () if policy is None else (policy,)


def _placed(text: str, kind: str) -> tuple[Fault, ...]:
    """Return the faults of a document that is text, each with its place in that."""
    found = placing.placed(text, kind).faults
    return tuple(
        [
            fault._replace(message=f"line {line}, column {column}: {fault.message}")
            for (line, column), fault in found
        ]
    )


def told(result: Result) -> Answer:
    """Return a decision as an answer; see `simulate`."""
    identity, resource, *limits = result.said
    answer: Answer = {
        "decision": result.decision,
        "identity": identity.decision,
        "resource": resource.decision,
        **{limit.type: limit.decision for limit in limits},
        "sameAccount": result.same_account,
        "decidingStatements": [_named(type_, each) for type_, each in deciding(result)],
        "failedConditions": [
            {
                **_named(each.type, each.statement),
                "operator": each.operator,
                "key": each.key,
                "reason": "missing" if each.is_missing else "not met",
            }
            for each in unmet(result)
        ],
    }
    if result.decision != ALLOWED:
        where = result.request.resource.text
        answer["message"] = sentence(result, "" if where == "*" else where)
    return answer


def _named(type_: str, statement: Statement) -> Answer:
    named: Answer = {
        "policyType": type_,
        "policy": statement.policy,
        "statement": statement.number,
        "effect": "Allow" if statement.allows else "Deny",
    }
    return {**named, "sid": statement.sid} if statement.sid else named
