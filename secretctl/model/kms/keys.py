"""KMS's operations about keys."""

from __future__ import annotations

from secretctl.model import types as t
from secretctl.model.kms import members as m
from secretctl.model.kms import types as k
from secretctl.model.shapes import Member, Operation

_WITH_STATE = (*m.KEY_ERRORS, "KMSInvalidStateException")

OPERATIONS = (
    Operation(
        "CancelKeyDeletion",
        "Take back the scheduled deletion of a key, which stays disabled.",
        "secretctl.service.kms.states:cancel_key_deletion",
        service="kms",
        input=(m.KEY_ID,),
        output=(m.ANSWERED_KEY_ID,),
        errors=_WITH_STATE,
        example="secretctl kms cancel-key-deletion --key-id ID",
    ),
    Operation(
        "CreateKey",
        "Make a key under which values of secrets are encrypted.",
        "secretctl.service.kms.keys:create_key",
        service="kms",
        input=(
            Member("Policy", k.POLICY, "Key policy in JSON: who may do what with the key."),
            Member("Description", k.DESCRIPTION, "What the key is for."),
            Member("KeyUsage", k.KEY_USAGE, "ENCRYPT_DECRYPT, the default."),
            Member(
                "CustomerMasterKeySpec", k.CUSTOMER_MASTER_KEY_SPEC, "KeySpec by its older name."
            ),
            Member("KeySpec", k.KEY_SPEC, "SYMMETRIC_DEFAULT, the default."),
            Member("Origin", k.ORIGIN, "AWS_KMS, the default: the vault makes the material."),
            Member(
                "BypassPolicyLockoutSafetyCheck",
                t.BOOLEAN,
                "Take a key policy even if it locks out whoever gives it.",
            ),
            Member("Tags", k.TAG_LIST, "Tags, each a TagKey and a TagValue."),
            Member("MultiRegion", t.BOOLEAN, "Make a key that can be replicated."),
        ),
        output=(m.KEY_METADATA,),
        errors=(
            *("MalformedPolicyDocumentException", "DependencyTimeoutException"),
            *("InvalidArnException", "UnsupportedOperationException", "KMSInternalException"),
            *("LimitExceededException", "TagException", "CustomKeyStoreNotFoundException"),
            *(
                "CustomKeyStoreInvalidStateException",
                "CloudHsmClusterInvalidConfigurationException",
            ),
            *("XksKeyInvalidConfigurationException", "XksKeyAlreadyInUseException"),
            "XksKeyNotFoundException",
        ),
        example="secretctl kms create-key --description 'production'",
    ),
    Operation(
        "DescribeKey",
        "Show what is known of a key, without its material.",
        "secretctl.service.kms.keys:describe_key",
        service="kms",
        input=(
            m.KEY_ID_OR_ALIAS,
            Member("GrantTokens", k.GRANT_TOKEN_LIST, "Tokens of grants made just now."),
        ),
        output=(m.KEY_METADATA,),
        errors=m.KEY_ERRORS,
        read_only=True,
        example="secretctl kms describe-key --key-id alias/prod",
    ),
    Operation(
        "DisableKey",
        "Take a key out of use: nothing under it can be read or written.",
        "secretctl.service.kms.states:disable_key",
        service="kms",
        input=(m.KEY_ID,),
        errors=_WITH_STATE,
        example="secretctl kms disable-key --key-id ID",
    ),
    Operation(
        "EnableKey",
        "Take a disabled key into use again.",
        "secretctl.service.kms.states:enable_key",
        service="kms",
        input=(m.KEY_ID,),
        errors=(*_WITH_STATE, "LimitExceededException"),
        example="secretctl kms enable-key --key-id ID",
    ),
    Operation(
        "ListKeys",
        "List the keys of the region.",
        "secretctl.service.kms.keys:list_keys",
        service="kms",
        input=m.PAGE,
        output=(Member("Keys", k.KEY_LIST, "The keys."), *m.NEXT_PAGE),
        errors=("DependencyTimeoutException", "KMSInternalException", "InvalidMarkerException"),
        pages=m.pages("Keys"),
        read_only=True,
        example="secretctl kms list-keys",
    ),
    Operation(
        "RotateKeyOnDemand",
        "Give a key new material at once; what is encrypted under the old can still be read.",
        "secretctl.service.kms.rotation:rotate_key_on_demand",
        service="kms",
        input=(
            m.KEY_ID,
            Member(
                "Rewrap",
                t.BOOLEAN,
                "Ours: encrypt all data keys anew under the new material, and drop the old.",
            ),
        ),
        output=(m.ANSWERED_KEY_ID,),
        errors=(
            *_WITH_STATE,
            *("DisabledException", "UnsupportedOperationException"),
            *("LimitExceededException", "ConflictException"),
        ),
        example="secretctl kms rotate-key-on-demand --key-id ID --rewrap",
    ),
    Operation(
        "ScheduleKeyDeletion",
        "Schedule the deletion of a key, after which nothing under it can be read any more.",
        "secretctl.service.kms.states:schedule_key_deletion",
        service="kms",
        input=(
            m.KEY_ID,
            Member(
                "PendingWindowInDays",
                k.PENDING_WINDOW_IN_DAYS,
                "Days, 7 to 30, in which that can be taken back; 30 if left out.",
            ),
        ),
        output=(
            m.ANSWERED_KEY_ID,
            Member("DeletionDate", t.TIMESTAMP, "When the key is deleted."),
            Member("KeyState", k.KEY_STATE, "How the key stands."),
            Member("PendingWindowInDays", k.PENDING_WINDOW_IN_DAYS, "Days until then."),
        ),
        errors=_WITH_STATE,
        example="secretctl kms schedule-key-deletion --key-id ID --pending-window-in-days 7",
    ),
)
