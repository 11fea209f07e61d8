"""IAM's operations that say what would be allowed, and their types."""

from __future__ import annotations

from secretctl.model import types as t
from secretctl.model.iam import members as m
from secretctl.model.iam import types as i
from secretctl.model.shapes import Member, Operation, Shape

_ACTION_NAME = Shape("string", min=3, max=128)
_RESOURCE_NAME = Shape("string", min=1, max=2048)
_CONTEXT_KEY_NAME = Shape("string", min=5, max=256)
_CONTEXT_KEY_TYPE = Shape(
    "string",
    enum=(
        *("string", "stringList", "numeric", "numericList", "boolean", "booleanList"),
        *("ip", "ipList", "binary", "binaryList", "date", "dateList"),
    ),
)
_CONTEXT_ENTRY = Shape(
    "structure",
    members=(
        Member("ContextKeyName", _CONTEXT_KEY_NAME, "Name of the key, such as aws:SourceIp."),
        Member("ContextKeyValues", Shape("list", item=t.TEXT), "Its values."),
        Member("ContextKeyType", _CONTEXT_KEY_TYPE, "How they are read."),
    ),
)
_POLICIES = Shape("list", item=i.POLICY_DOCUMENT)

_DECISION = Shape("string", enum=("allowed", "explicitDeny", "implicitDeny"))
_POSITION = Shape(
    "structure",
    members=(
        Member("Line", i.INTEGER, "Line, from 1."),
        Member("Column", i.INTEGER, "Column in it."),
    ),
)
_SOURCE = Shape(
    "string",
    enum=("user", "group", "role", "aws-managed", "user-managed", "resource", "none"),
)
_STATEMENT = Shape(
    "structure",
    members=(
        Member("SourcePolicyId", t.TEXT, "Policy the statement stands in."),
        Member("SourcePolicyType", _SOURCE, "Kind of that policy."),
        Member("StartPosition", _POSITION, "Where the statement begins."),
        Member("EndPosition", _POSITION, "Where it ends."),
    ),
)
_BOUNDARY = Shape(
    "structure",
    members=(Member("AllowedByPermissionsBoundary", t.BOOLEAN, "Whether the boundary allows it."),),
)
_ORGANIZATIONS = Shape(
    "structure",
    members=(Member("AllowedByOrganizations", t.BOOLEAN, "Whether all of them allow it."),),
)

# What is said of an action, and of an action on one resource.
_MATCHED = Member("MatchedStatements", Shape("list", item=_STATEMENT), "What decided it.")
_MISSING = Member(
    "MissingContextValues",
    Shape("list", item=_CONTEXT_KEY_NAME),
    "Keys that policies ask for and the context lacks.",
)
_BOUNDARY_DETAIL = Member(
    "PermissionsBoundaryDecisionDetail", _BOUNDARY, "What the boundary says, if there is one."
)
_DETAILS = Member(
    "EvalDecisionDetails", Shape("map", item=_DECISION), "What each kind of policy says."
)
_RESULT_OF_RESOURCE = Shape(
    "structure",
    members=(
        Member("EvalResourceName", _RESOURCE_NAME, "ARN of the resource.", required=True),
        Member("EvalResourceDecision", _DECISION, "The decision for it.", required=True),
        _MATCHED,
        _MISSING,
        _DETAILS,
        _BOUNDARY_DETAIL,
    ),
)
_RESULT = Shape(
    "structure",
    members=(
        Member("EvalActionName", _ACTION_NAME, "The action.", required=True),
        Member("EvalResourceName", _RESOURCE_NAME, "Form of the ARNs it is about; * if none."),
        Member("EvalDecision", _DECISION, "The decision.", required=True),
        _MATCHED,
        _MISSING,
        Member(
            "OrganizationsDecisionDetail",
            _ORGANIZATIONS,
            "What policies of an organization say; never there.",
        ),
        _BOUNDARY_DETAIL,
        _DETAILS,
        Member(
            "ResourceSpecificResults",
            Shape("list", item=_RESULT_OF_RESOURCE),
            "The decision for each resource.",
        ),
    ),
)

_ACTION_NAMES = Member(
    "ActionNames",
    Shape("list", item=_ACTION_NAME),
    "Actions, such as secretsmanager:GetSecretValue.",
    required=True,
    completer="action",
)
_CIRCUMSTANCES = (
    Member("ResourceArns", Shape("list", item=_RESOURCE_NAME), "Resources; * if left out."),
    Member("ResourcePolicy", i.POLICY_DOCUMENT, "Resource policy in JSON for all of them."),
    Member(
        "ResourceOwner", _RESOURCE_NAME, "Account that owns resources whose ARN does not say it."
    ),
    Member(
        "CallerArn",
        _RESOURCE_NAME,
        "User, group or role who asks; the source if left out.",
        completer="principal",
    ),
    Member(
        "ContextEntries", Shape("list", item=_CONTEXT_ENTRY), "Condition keys and their values."
    ),
    m.MAX_ITEMS,
    m.MARKER,
)
_ANSWER = (
    Member("EvaluationResults", Shape("list", item=_RESULT), "A decision per action."),
    *m.NEXT_PAGE,
)

OPERATIONS = (
    Operation(
        "SimulateCustomPolicy",
        "Say what policies would allow, and by which statements.",
        "secretctl.service.iam.simulation:simulate_custom_policy",
        service="iam",
        input=(
            Member("PolicyInputList", _POLICIES, "Identity policies, in JSON.", required=True),
            Member("PermissionsBoundaryPolicyInputList", _POLICIES, "A boundary, in JSON."),
            _ACTION_NAMES,
            *_CIRCUMSTANCES,
        ),
        output=_ANSWER,
        errors=("InvalidInput", "PolicyEvaluation"),
        pages=m.pages("EvaluationResults"),
        read_only=True,
        example=(
            "secretctl iam simulate-custom-policy --policy-input-list POLICY "
            "--action-names secretsmanager:GetSecretValue --resource-arns ARN"
        ),
    ),
    Operation(
        "SimulatePrincipalPolicy",
        "Say what a user, group or role would be allowed, and by which statements.",
        "secretctl.service.iam.simulation:simulate_principal_policy",
        service="iam",
        input=(
            Member(
                "PolicySourceArn",
                i.ARN,
                "ARN of the user, group or role whose policies are asked.",
                required=True,
                completer="principal",
            ),
            Member("PolicyInputList", _POLICIES, "Further identity policies, in JSON."),
            Member("PermissionsBoundaryPolicyInputList", _POLICIES, "A boundary, in JSON."),
            _ACTION_NAMES,
            *_CIRCUMSTANCES,
        ),
        output=_ANSWER,
        errors=("NoSuchEntity", "InvalidInput", "PolicyEvaluation"),
        pages=m.pages("EvaluationResults"),
        read_only=True,
        example=(
            "secretctl iam simulate-principal-policy "
            "--policy-source-arn arn:aws:iam::000000000000:user/ci "
            "--action-names secretsmanager:GetSecretValue --resource-arns ARN"
        ),
    ),
)
