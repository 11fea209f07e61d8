"""KMS's operations about grants, which let a principal use a key; and their types."""

from __future__ import annotations

from secretctl.model import types as t
from secretctl.model.kms import members as m
from secretctl.model.kms import types as k
from secretctl.model.shapes import Member, Operation, Shape

_PRINCIPAL_ID = Shape("string", min=1, max=256, pattern=r"^[\w+=,.@:/-]+$")
_SERVICE_PRINCIPAL = Shape(
    "string", min=1, max=128, pattern=r"^([A-Za-z0-9\-]+)\.([A-Za-z0-9\-]+)(\.[A-Za-z0-9\-]+)+$"
)
_GRANT_ID = Shape("string", min=1, max=128)
_GRANT_NAME = Shape("string", min=1, max=256, pattern=r"^[a-zA-Z0-9:/_-]+$")
GRANTABLE = (
    *("Decrypt", "Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext"),
    *("ReEncryptFrom", "ReEncryptTo", "Sign", "Verify", "GetPublicKey", "CreateGrant"),
    *("RetireGrant", "DescribeKey", "GenerateDataKeyPair"),
    *("GenerateDataKeyPairWithoutPlaintext", "GenerateMac", "VerifyMac"),
    *("DeriveSharedSecret", "Encapsulate", "Decapsulate"),
)
"""What a grant can be of."""

_GRANT_OPERATIONS = Shape("list", item=Shape("string", enum=GRANTABLE))
_ENCRYPTION_CONTEXT = Shape("map", item=t.TEXT)
_CONSTRAINTS = Shape(
    "structure",
    members=(
        Member("EncryptionContextSubset", _ENCRYPTION_CONTEXT, "Pairs that must be among it."),
        Member("EncryptionContextEquals", _ENCRYPTION_CONTEXT, "Pairs that must be all of it."),
        Member(
            "SourceArn",
            Shape(
                "string",
                min=20,
                max=512,
                pattern=r"^arn:aws[a-z0-9-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]{12}:.+$",
            ),
            "Resource for which a service asks.",
        ),
    ),
)
_GRANT = Shape(
    "structure",
    members=(
        Member("KeyId", k.KEY_ID, "ARN of the key."),
        Member("GrantId", _GRANT_ID, "Id of the grant."),
        Member("Name", _GRANT_NAME, "Its name, if it has one."),
        Member("CreationDate", t.TIMESTAMP, "When it was made."),
        Member("GranteePrincipal", _PRINCIPAL_ID, "Who may use the key."),
        Member("RetiringPrincipal", _PRINCIPAL_ID, "Who may give the grant back."),
        Member("IssuingAccount", _PRINCIPAL_ID, "The account."),
        Member("Operations", _GRANT_OPERATIONS, "What may be done."),
        Member("Constraints", _CONSTRAINTS, "Only in such a context."),
        Member("GranteeServicePrincipal", _SERVICE_PRINCIPAL, "AWS service; never there."),
        Member("RetiringServicePrincipal", _SERVICE_PRINCIPAL, "AWS service; never there."),
    ),
)
_GRANTEE = Member("GranteePrincipal", _PRINCIPAL_ID, completer="grantee")
_OF_ID = Member("GrantId", _GRANT_ID, "Id of the grant.", completer="grant")
_DRY_RUN = Member("DryRun", t.BOOLEAN, "Only check whether it would be allowed.")
_USUAL = (*m.KEY_ERRORS, "KMSInvalidStateException")

OPERATIONS = (
    Operation(
        "CreateGrant",
        "Let a principal use a key: the key is sealed to its credentials.",
        "secretctl.service.kms.grants:create_grant",
        service="kms",
        input=(
            m.KEY_ID,
            _GRANTEE._replace(doc="ARN of the user or role that may use it."),
            _GRANTEE._replace(name="RetiringPrincipal", doc="ARN of who may give the grant back."),
            Member(
                "Operations",
                _GRANT_OPERATIONS,
                "What may be done: Decrypt to read, GenerateDataKey to write.",
                required=True,
            ),
            Member("Constraints", _CONSTRAINTS, "Only in such an encryption context."),
            Member("GrantTokens", k.GRANT_TOKEN_LIST, "Tokens of grants made just now."),
            Member("Name", _GRANT_NAME, "Name; a grant of the same name is not made twice."),
            _DRY_RUN,
        ),
        output=(
            Member("GrantToken", k.GRANT_TOKEN, "Token to use the grant at once."),
            Member("GrantId", _GRANT_ID, "Id of the grant."),
        ),
        errors=(
            *_USUAL,
            *("DisabledException", "InvalidGrantTokenException"),
            *("LimitExceededException", "DryRunOperationException"),
        ),
        example=(
            "secretctl kms create-grant --key-id ID "
            "--grantee-principal arn:aws:iam::000000000000:user/ci --operations Decrypt"
        ),
    ),
    Operation(
        "ListGrants",
        "List the grants of a key.",
        "secretctl.service.kms.grants:list_grants",
        service="kms",
        input=(
            *m.PAGE,
            m.KEY_ID,
            _OF_ID._replace(doc="Only the grant of that id."),
            _GRANTEE._replace(doc="Only grants to that user or role."),
        ),
        output=(Member("Grants", Shape("list", item=_GRANT), "The grants."), *m.NEXT_PAGE),
        errors=(*_USUAL, "InvalidMarkerException", "InvalidGrantIdException"),
        pages=m.pages("Grants"),
        read_only=True,
        example="secretctl kms list-grants --key-id ID",
    ),
    Operation(
        "RevokeGrant",
        "Take a grant back; who has opened the key before may have kept it.",
        "secretctl.service.kms.grants:revoke_grant",
        service="kms",
        input=(m.KEY_ID, _OF_ID._replace(required=True), _DRY_RUN),
        errors=(*_USUAL, "InvalidGrantIdException", "DryRunOperationException"),
        example="secretctl kms revoke-grant --key-id ID --grant-id GRANT",
    ),
)
