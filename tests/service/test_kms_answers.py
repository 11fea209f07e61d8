"""KMS: what each operation answers fits AWS's published model."""

from typing import Any

import botocore.session
from botocore.validate import ParamValidator

from secretctl.model.kms import BY_NAME
from tests.conftest import Service
from tests.service.conftest import Other

MODEL = botocore.session.get_session().get_service_model("kms")
CI = "arn:aws:iam::000000000000:user/ci"


class Checked(Other):
    """KMS's operations, each answer compared with AWS's model."""

    def __init__(self, service: Service) -> None:
        super().__init__(service.session, "kms")
        self.called: set[str] = set()

    def __call__(self, operation: str, **parameters: object) -> dict[str, Any]:
        """Call *operation*."""
        answer = super().__call__(operation, **parameters)
        self.called.add(operation)
        shape = MODEL.operation_model(operation).output_shape
        if shape is None:
            assert answer == {}
        else:
            report = ParamValidator().validate(answer, shape)
            assert not report.has_errors(), report.generate_report()
        return answer


def test_every_answer_fits_the_published_model(service: Service, iam: Other) -> None:
    """Members, types and ranges; no operation is left out."""
    kms = Checked(service)
    iam("CreateUser", UserName="ci")
    tags = [{"TagKey": "a", "TagValue": ""}]
    key = kms("CreateKey", Description="d", Tags=tags)["KeyMetadata"]["KeyId"]
    kms("CreateAlias", AliasName="alias/a", TargetKeyId=key)
    kms("UpdateAlias", AliasName="alias/a", TargetKeyId=key)
    assert len(kms("ListAliases", Limit=1)["Aliases"]) == 1
    made = kms(
        "CreateGrant",
        KeyId=key,
        GranteePrincipal=CI,
        RetiringPrincipal=CI,
        Operations=["Decrypt", "GenerateDataKeyPair"],
        Constraints={"EncryptionContextSubset": {"SecretARN": "x"}},
        Name="n",
    )
    (grant,) = kms("ListGrants", KeyId=key, Limit=1)["Grants"]
    assert (grant["GrantId"], grant["Name"]) == (made["GrantId"], "n")
    assert grant["Operations"] == ["Decrypt", "GenerateDataKeyPair"]
    kms("ListKeys", Limit=1)
    kms("RotateKeyOnDemand", KeyId=key)
    kms("RevokeGrant", KeyId=key, GrantId=made["GrantId"])
    for operation in ("DisableKey", "EnableKey", "ScheduleKeyDeletion", "DescribeKey"):
        kms(operation, KeyId=key)
    kms("CancelKeyDeletion", KeyId=key)
    kms("DeleteAlias", AliasName="alias/a")
    assert kms.called == set(BY_NAME)
