"""IAM's operations about access keys, by which a program says who it is."""

from __future__ import annotations

from secretctl.model.iam import members as m
from secretctl.model.iam import types as i
from secretctl.model.shapes import Member, Operation

_ACCESS_KEY_ID = Member(
    "AccessKeyId", i.ACCESS_KEY_ID, "Id of the key.", required=True, completer="access-key"
)

OPERATIONS = (
    Operation(
        "CreateAccessKey",
        "Make an access key; its secret is shown this once.",
        "secretctl.service.iam.access_keys:create_access_key",
        service="iam",
        input=(m.USER_NAME_OR_OWN,),
        output=(Member("AccessKey", i.ACCESS_KEY, "The new key.", required=True),),
        errors=("NoSuchEntity", "LimitExceeded", "ServiceFailure"),
        example="secretctl iam create-access-key --user-name ci",
    ),
    Operation(
        "DeleteAccessKey",
        "Remove an access key for good.",
        "secretctl.service.iam.access_keys:delete_access_key",
        service="iam",
        input=(m.USER_NAME_OR_OWN, _ACCESS_KEY_ID),
        errors=("NoSuchEntity", "LimitExceeded", "ServiceFailure"),
        example="secretctl iam delete-access-key --user-name ci --access-key-id ID",
    ),
    Operation(
        "ListAccessKeys",
        "List a user's access keys, without their secrets.",
        "secretctl.service.iam.access_keys:list_access_keys",
        service="iam",
        input=(m.USER_NAME_OR_OWN, *m.PAGE),
        output=(
            Member("AccessKeyMetadata", i.ACCESS_KEY_METADATA_LIST, "The keys.", required=True),
            *m.NEXT_PAGE,
        ),
        errors=("NoSuchEntity", "ServiceFailure"),
        pages=m.pages("AccessKeyMetadata"),
        read_only=True,
        example="secretctl iam list-access-keys --user-name ci",
    ),
    Operation(
        "UpdateAccessKey",
        "Take an access key out of use, or into use again.",
        "secretctl.service.iam.access_keys:update_access_key",
        service="iam",
        input=(
            m.USER_NAME_OR_OWN,
            _ACCESS_KEY_ID,
            Member("Status", i.STATUS, "Active or Inactive.", required=True),
        ),
        errors=("NoSuchEntity", "LimitExceeded", "ServiceFailure", "InvalidInput"),
        example="secretctl iam update-access-key --access-key-id ID --status Inactive",
    ),
)
