"""KMS's operations about aliases, names that stand for keys."""

from __future__ import annotations

from secretctl.model.kms import members as m
from secretctl.model.kms import types as k
from secretctl.model.shapes import Member, Operation

_ALIAS_NAME = Member(
    "AliasName",
    k.ALIAS_NAME,
    "The alias: alias/ and a name of letters, digits and :/_-.",
    required=True,
    completer="alias",
)
_TARGET_KEY_ID = Member(
    "TargetKeyId",
    k.KEY_ID,
    "Id or ARN of the key that it stands for.",
    required=True,
    completer="key-id",
)
_USUAL = (
    *("DependencyTimeoutException", "NotFoundException"),
    *("KMSInternalException", "KMSInvalidStateException"),
)

OPERATIONS = (
    Operation(
        "CreateAlias",
        "Give a key an alias.",
        "secretctl.service.kms.aliases:create_alias",
        service="kms",
        input=(_ALIAS_NAME._replace(completer=""), _TARGET_KEY_ID),
        errors=(
            *_USUAL,
            *("AlreadyExistsException", "InvalidAliasNameException", "LimitExceededException"),
        ),
        example="secretctl kms create-alias --alias-name alias/prod --target-key-id ID",
    ),
    Operation(
        "DeleteAlias",
        "Remove an alias; the key stays.",
        "secretctl.service.kms.aliases:delete_alias",
        service="kms",
        input=(_ALIAS_NAME,),
        errors=_USUAL,
        example="secretctl kms delete-alias --alias-name alias/prod",
    ),
    Operation(
        "ListAliases",
        "List the aliases of the region, or those of one key.",
        "secretctl.service.kms.aliases:list_aliases",
        service="kms",
        input=(m.KEY_ID._replace(doc="Only aliases of that key.", required=False), *m.PAGE),
        output=(Member("Aliases", k.ALIAS_LIST, "The aliases."), *m.NEXT_PAGE),
        errors=(
            *("DependencyTimeoutException", "InvalidMarkerException", "KMSInternalException"),
            *("InvalidArnException", "NotFoundException"),
        ),
        pages=m.pages("Aliases"),
        read_only=True,
        example="secretctl kms list-aliases",
    ),
    Operation(
        "UpdateAlias",
        "Let an alias stand for another key, for values that are written from then on.",
        "secretctl.service.kms.aliases:update_alias",
        service="kms",
        input=(_ALIAS_NAME, _TARGET_KEY_ID),
        errors=(*_USUAL, "LimitExceededException"),
        example="secretctl kms update-alias --alias-name alias/prod --target-key-id ID",
    ),
)
