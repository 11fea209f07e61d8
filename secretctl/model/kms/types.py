"""Types of KMS's members: their limits, patterns and choices, as AWS publishes them.

Names are AWS's, without "Type" and in capitals. A test compares them with the published model.
"""

from __future__ import annotations

from secretctl.model import types as t
from secretctl.model.shapes import Member, Shape

ARN = Shape("string", min=20, max=2048)
KEY_ID = Shape("string", min=1, max=2048)
ALIAS_NAME = Shape("string", min=1, max=256, pattern=r"^[a-zA-Z0-9:/_-]+$")
DESCRIPTION = Shape("string", min=0, max=8192)
POLICY = Shape("string", min=1, max=131072, pattern=r"[\u0009\u000A\u000D\u0020-\u00FF]+")
MARKER = Shape("string", min=1, max=1024, pattern=r"[\u0020-\u00FF]*")
LIMIT = Shape("integer", min=1, max=1000)
GRANT_TOKEN = Shape("string", min=1, max=8192)
GRANT_TOKEN_LIST = Shape("list", min=0, max=10, item=GRANT_TOKEN)
TAG = Shape(
    "structure",
    members=(
        Member("TagKey", Shape("string", min=1, max=128), "Name of the tag.", required=True),
        Member(
            "TagValue",
            Shape("string", min=0, max=256),
            "Text of the tag; may be empty.",
            required=True,
        ),
    ),
)
TAG_LIST = Shape("list", item=TAG)

# What a key is and can.
_SPECS = (
    *("RSA_2048", "RSA_3072", "RSA_4096", "ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521"),
    *("ECC_SECG_P256K1", "SYMMETRIC_DEFAULT", "HMAC_224", "HMAC_256", "HMAC_384", "HMAC_512"),
    "SM2",
)
CUSTOMER_MASTER_KEY_SPEC = Shape("string", enum=_SPECS)
KEY_SPEC = Shape(
    "string",
    enum=(
        *_SPECS,
        *("ML_DSA_44", "ML_DSA_65", "ML_DSA_87", "ECC_NIST_EDWARDS25519"),
        *("ML_KEM_512", "ML_KEM_768", "ML_KEM_1024"),
    ),
)
KEY_USAGE = Shape(
    "string",
    enum=(
        *("SIGN_VERIFY", "ENCRYPT_DECRYPT", "GENERATE_VERIFY_MAC"),
        *("KEY_AGREEMENT", "ENCAPSULATE_DECAPSULATE"),
    ),
)
KEY_STATE = Shape(
    "string",
    enum=(
        *("Creating", "Enabled", "Disabled", "PendingDeletion"),
        *("PendingImport", "PendingReplicaDeletion", "Unavailable", "Updating"),
    ),
)
ORIGIN = Shape("string", enum=("AWS_KMS", "EXTERNAL", "AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"))
PENDING_WINDOW_IN_DAYS = Shape("integer", min=1, max=365)
_REGION = Shape("string", min=1, max=32, pattern=r"^([a-z]+-){2,3}\d+$")
_MULTI_REGION_KEY = Shape(
    "structure",
    members=(
        Member("Arn", ARN, "ARN of the key."),
        Member("Region", _REGION, "Its region."),
    ),
)
_MULTI_REGION_CONFIGURATION = Shape(
    "structure",
    members=(
        Member(
            "MultiRegionKeyType",
            Shape("string", enum=("PRIMARY", "REPLICA")),
            "Primary key or replica.",
        ),
        Member("PrimaryKey", _MULTI_REGION_KEY, "The primary key."),
        Member("ReplicaKeys", Shape("list", item=_MULTI_REGION_KEY), "Its replicas."),
    ),
)
_ENCRYPTION = Shape(
    "string",
    enum=("SYMMETRIC_DEFAULT", "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "SM2PKE"),
)
_SIGNING = Shape(
    "string",
    enum=(
        *("RSASSA_PSS_SHA_256", "RSASSA_PSS_SHA_384", "RSASSA_PSS_SHA_512"),
        *("RSASSA_PKCS1_V1_5_SHA_256", "RSASSA_PKCS1_V1_5_SHA_384", "RSASSA_PKCS1_V1_5_SHA_512"),
        *("ECDSA_SHA_256", "ECDSA_SHA_384", "ECDSA_SHA_512", "SM2DSA"),
        *("ML_DSA_SHAKE_256", "ED25519_SHA_512", "ED25519_PH_SHA_512"),
    ),
)
_MAC = Shape("string", enum=("HMAC_SHA_224", "HMAC_SHA_256", "HMAC_SHA_384", "HMAC_SHA_512"))
_XKS_KEY_ID = Shape("string", min=1, max=128, pattern=r"^[a-zA-Z0-9-_.]+$")

KEY_METADATA = Shape(
    "structure",
    members=(
        Member("AWSAccountId", t.TEXT, "The account."),
        Member("KeyId", KEY_ID, "Id of the key.", required=True),
        Member("Arn", ARN, "ARN of the key."),
        Member("CreationDate", t.TIMESTAMP, "When the key was made."),
        Member("Enabled", t.BOOLEAN, "Whether it can be used."),
        Member("Description", DESCRIPTION, "What the key is for."),
        Member("KeyUsage", KEY_USAGE, "What it is used for: ENCRYPT_DECRYPT."),
        Member("KeyState", KEY_STATE, "How it stands."),
        Member("DeletionDate", t.TIMESTAMP, "When it is deleted, if that is scheduled."),
        Member("ValidTo", t.TIMESTAMP, "When imported material ends; never there."),
        Member("Origin", ORIGIN, "Where its material comes from: AWS_KMS, the vault itself."),
        Member(
            "CustomKeyStoreId", Shape("string", min=1, max=64), "Custom key store; never there."
        ),
        Member(
            "CloudHsmClusterId",
            Shape("string", min=19, max=24, pattern="cluster-[2-7a-zA-Z]{11,16}"),
            "CloudHSM cluster; never there.",
        ),
        Member(
            "ExpirationModel",
            Shape("string", enum=("KEY_MATERIAL_EXPIRES", "KEY_MATERIAL_DOES_NOT_EXPIRE")),
            "Whether imported material ends; never there.",
        ),
        Member(
            "KeyManager", Shape("string", enum=("AWS", "CUSTOMER")), "The vault's own, or yours."
        ),
        Member("CustomerMasterKeySpec", CUSTOMER_MASTER_KEY_SPEC, "KeySpec by its older name."),
        Member("KeySpec", KEY_SPEC, "Kind of its material: SYMMETRIC_DEFAULT."),
        Member("EncryptionAlgorithms", Shape("list", item=_ENCRYPTION), "How it encrypts."),
        Member("SigningAlgorithms", Shape("list", item=_SIGNING), "How it signs; never there."),
        Member(
            "KeyAgreementAlgorithms",
            Shape("list", item=Shape("string", enum=("ECDH",))),
            "How it agrees on secrets; never there.",
        ),
        Member(
            "EncapsulationAlgorithms",
            Shape("list", item=Shape("string", enum=("ML_KEM",))),
            "How it encapsulates keys; never there.",
        ),
        Member("MultiRegion", t.BOOLEAN, "Whether it is there in several regions."),
        Member("MultiRegionConfiguration", _MULTI_REGION_CONFIGURATION, "In which."),
        Member(
            "PendingDeletionWindowInDays",
            PENDING_WINDOW_IN_DAYS,
            "Days until a replicated key is deleted.",
        ),
        Member("MacAlgorithms", Shape("list", item=_MAC), "How it authenticates; never there."),
        Member(
            "XksKeyConfiguration",
            Shape("structure", members=(Member("Id", _XKS_KEY_ID, "Id of that key."),)),
            "Key in an external store; never there.",
        ),
        Member(
            "CurrentKeyMaterialId",
            Shape("string", min=64, max=64, pattern="^[a-f0-9]+$"),
            "Material that encrypts what is new.",
        ),
    ),
)
KEY_LIST = Shape(
    "list",
    item=Shape(
        "structure",
        members=(
            Member("KeyId", KEY_ID, "Id of the key."),
            Member("KeyArn", ARN, "ARN of the key."),
        ),
    ),
)
ALIAS_LIST = Shape(
    "list",
    item=Shape(
        "structure",
        members=(
            Member("AliasName", ALIAS_NAME, "The alias, from alias/ on."),
            Member("AliasArn", ARN, "ARN of the alias."),
            Member("TargetKeyId", KEY_ID, "Key that it stands for."),
            Member("CreationDate", t.TIMESTAMP, "When the alias was made."),
            Member("LastUpdatedDate", t.TIMESTAMP, "When it last got another key."),
        ),
    ),
)
