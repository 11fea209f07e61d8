# Written by tests/sdk/test_stub.py from the declarations: change those.

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from types import TracebackType
from typing import (
    Any,
    Generic,
    Literal,
    NamedTuple,
    NoReturn,
    NotRequired,
    Self,
    TypeAlias,
    TypedDict,
    TypeVar,
    overload,
)

from secretctl.model.shapes import Operation
from secretctl.sdk import exceptions
from secretctl.sdk.held import Outcome

_T = TypeVar("_T")
Items: TypeAlias = list[_T] | tuple[_T, ...]

class Metadata(TypedDict):
    RequestId: str
    HTTPStatusCode: int
    HTTPHeaders: dict[str, str]
    RetryAttempts: int

class PaginationConfig(TypedDict):
    MaxItems: NotRequired[int | None]
    PageSize: NotRequired[int | None]
    StartingToken: NotRequired[str | None]

class Meta(NamedTuple):
    region_name: str
    method_to_api_mapping: Mapping[str, str] = ...
    partition: str = ...

class PageIterator(Generic[_T]):
    resume_token: str | None
    def __iter__(self) -> Iterator[_T]: ...
    def build_full_result(self) -> _T: ...
    def search(self, expression: str) -> Iterator[Any]: ...

FilterNameStringType: TypeAlias = Literal[
    "description",
    "name",
    "tag-key",
    "tag-value",
    "primary-region",
    "owning-service",
    "all",
]

ReplicaRestrictionType: TypeAlias = Literal[
    "SameOrg",
    "NoRestriction",
]

SortByType: TypeAlias = Literal[
    "created-date",
    "last-accessed-date",
    "last-changed-date",
    "name",
]

SortOrderType: TypeAlias = Literal[
    "asc",
    "desc",
]

StatusType: TypeAlias = Literal[
    "InSync",
    "Failed",
    "InProgress",
    "Pending",
    "Detached",
]

class APIErrorType(TypedDict):
    SecretId: NotRequired[str]
    ErrorCode: NotRequired[str]
    Message: NotRequired[str]

class CrossAccountPrimaryType(TypedDict):
    PrimarySecretARN: NotRequired[str]
    ReplicationStatus: NotRequired[StatusType]
    StatusMessage: NotRequired[str]

class CrossAccountReplicaEntry(TypedDict):
    ReplicaSecretARN: NotRequired[str]
    ReplicationRoleARN: NotRequired[str]
    ReplicationStatus: NotRequired[StatusType]
    StatusMessage: NotRequired[str]

class ExternalSecretRotationMetadataItem(TypedDict):
    Key: NotRequired[str]
    Value: NotRequired[str]

class Filter(TypedDict):
    Key: NotRequired[FilterNameStringType]
    Values: NotRequired[Items[str]]

class ReplicaRegionType(TypedDict):
    Region: NotRequired[str]
    KmsKeyId: NotRequired[str]

class ReplicationStatusType(TypedDict):
    Region: NotRequired[str]
    KmsKeyId: NotRequired[str]
    Status: NotRequired[StatusType]
    StatusMessage: NotRequired[str]
    LastAccessedDate: NotRequired[datetime]

class ResourcePolicySummary(TypedDict):
    PolicyName: NotRequired[str]

class RotationRulesType(TypedDict):
    AutomaticallyAfterDays: NotRequired[int]
    Duration: NotRequired[str]
    ScheduleExpression: NotRequired[str]

class SecretListEntry(TypedDict):
    ARN: NotRequired[str]
    Name: NotRequired[str]
    Type: NotRequired[str]
    Description: NotRequired[str]
    KmsKeyId: NotRequired[str]
    RotationEnabled: NotRequired[bool]
    RotationLambdaARN: NotRequired[str]
    RotationRules: NotRequired[RotationRulesType]
    ExternalSecretRotationMetadata: NotRequired[list[ExternalSecretRotationMetadataItem]]
    ExternalSecretRotationRoleArn: NotRequired[str]
    LastRotatedDate: NotRequired[datetime]
    LastChangedDate: NotRequired[datetime]
    LastAccessedDate: NotRequired[datetime]
    DeletedDate: NotRequired[datetime]
    NextRotationDate: NotRequired[datetime]
    Tags: NotRequired[list[Tag]]
    SecretVersionsToStages: NotRequired[dict[str, list[str]]]
    OwningService: NotRequired[str]
    CreatedDate: NotRequired[datetime]
    PrimaryRegion: NotRequired[str]

class SecretValueEntry(TypedDict):
    ARN: NotRequired[str]
    Name: NotRequired[str]
    VersionId: NotRequired[str]
    SecretBinary: NotRequired[bytes]
    SecretString: NotRequired[str]
    VersionStages: NotRequired[list[str]]
    CreatedDate: NotRequired[datetime]

class SecretVersionsListEntry(TypedDict):
    VersionId: NotRequired[str]
    VersionStages: NotRequired[list[str]]
    LastAccessedDate: NotRequired[datetime]
    CreatedDate: NotRequired[datetime]
    KmsKeyIds: NotRequired[list[str]]

class Tag(TypedDict):
    Key: NotRequired[str]
    Value: NotRequired[str]

class ValidationErrorsEntry(TypedDict):
    CheckName: NotRequired[str]
    ErrorMessage: NotRequired[str]

class AssociateCrossAccountReplicaResponse(TypedDict):
    ARN: str
    CrossAccountReplicaARN: str
    ReplicationStatus: StatusType
    ResponseMetadata: Metadata

class BatchGetSecretValueResponse(TypedDict):
    SecretValues: list[SecretValueEntry]
    NextToken: str
    Errors: list[APIErrorType]
    ResponseMetadata: Metadata

class CancelRotateSecretResponse(TypedDict):
    ARN: str
    Name: str
    VersionId: str
    ResponseMetadata: Metadata

class CreateSecretResponse(TypedDict):
    ARN: str
    Name: str
    VersionId: str
    ReplicationStatus: list[ReplicationStatusType]
    ResponseMetadata: Metadata

class DeleteResourcePolicyResponse(TypedDict):
    ARN: str
    Name: str
    PolicyName: str
    ResponseMetadata: Metadata

class DeleteSecretResponse(TypedDict):
    ARN: str
    Name: str
    DeletionDate: datetime
    ResponseMetadata: Metadata

class DeleteSecretVersionResponse(TypedDict):
    ARN: str
    Name: str
    VersionId: str
    ResponseMetadata: Metadata

class DescribeSecretResponse(TypedDict):
    ARN: str
    Name: str
    Type: str
    Description: str
    KmsKeyId: str
    RotationEnabled: bool
    RotationLambdaARN: str
    RotationRules: RotationRulesType
    ExternalSecretRotationMetadata: list[ExternalSecretRotationMetadataItem]
    ExternalSecretRotationRoleArn: str
    LastRotatedDate: datetime
    LastChangedDate: datetime
    LastAccessedDate: datetime
    DeletedDate: datetime
    NextRotationDate: datetime
    Tags: list[Tag]
    VersionIdsToStages: dict[str, list[str]]
    OwningService: str
    CreatedDate: datetime
    PrimaryRegion: str
    ReplicationStatus: list[ReplicationStatusType]
    CrossAccountPrimary: CrossAccountPrimaryType
    CrossAccountReplicas: list[CrossAccountReplicaEntry]
    ResponseMetadata: Metadata

class DisassociateCrossAccountReplicaResponse(TypedDict):
    ARN: str
    CrossAccountReplicaARN: str
    ResponseMetadata: Metadata

class GetRandomPasswordResponse(TypedDict):
    RandomPassword: str
    ResponseMetadata: Metadata

class GetResourcePolicyResponse(TypedDict):
    ARN: str
    Name: str
    ResourcePolicy: str
    PolicyName: str
    ResponseMetadata: Metadata

class GetSecretValueResponse(TypedDict):
    ARN: str
    Name: str
    VersionId: str
    SecretBinary: bytes
    SecretString: str
    VersionStages: list[str]
    CreatedDate: datetime
    ResponseMetadata: Metadata

class ListResourcePoliciesResponse(TypedDict):
    ResourcePolicies: list[ResourcePolicySummary]
    NextToken: str
    ResponseMetadata: Metadata

class ListSecretVersionIdsResponse(TypedDict):
    Versions: list[SecretVersionsListEntry]
    NextToken: str
    ARN: str
    Name: str
    ResponseMetadata: Metadata

class ListSecretsResponse(TypedDict):
    SecretList: list[SecretListEntry]
    NextToken: str
    ResponseMetadata: Metadata

class PutResourcePolicyResponse(TypedDict):
    ARN: str
    Name: str
    PolicyName: str
    ResponseMetadata: Metadata

class PutSecretValueResponse(TypedDict):
    ARN: str
    Name: str
    VersionId: str
    VersionStages: list[str]
    ResponseMetadata: Metadata

class RemoveRegionsFromReplicationResponse(TypedDict):
    ARN: str
    ReplicationStatus: list[ReplicationStatusType]
    ResponseMetadata: Metadata

class ReplicateSecretToRegionsResponse(TypedDict):
    ARN: str
    ReplicationStatus: list[ReplicationStatusType]
    ResponseMetadata: Metadata

class RestoreSecretResponse(TypedDict):
    ARN: str
    Name: str
    ResponseMetadata: Metadata

class RotateSecretResponse(TypedDict):
    ARN: str
    Name: str
    VersionId: str
    ResponseMetadata: Metadata

class StopReplicationToReplicaResponse(TypedDict):
    ARN: str
    ResponseMetadata: Metadata

class TagResourceResponse(TypedDict):
    ResponseMetadata: Metadata

class UntagResourceResponse(TypedDict):
    ResponseMetadata: Metadata

class UpdateSecretResponse(TypedDict):
    ARN: str
    Name: str
    VersionId: str
    ResponseMetadata: Metadata

class UpdateSecretVersionStageResponse(TypedDict):
    ARN: str
    Name: str
    ResponseMetadata: Metadata

class ValidateResourcePolicyResponse(TypedDict):
    PolicyValidationPassed: bool
    ValidationErrors: list[ValidationErrorsEntry]
    ResponseMetadata: Metadata

class ListResourcePoliciesPaginator:
    def paginate(
        self,
        *,
        SecretId: str,
        MaxResults: int = ...,
        NextToken: str = ...,
        PaginationConfig: PaginationConfig = ...,
    ) -> PageIterator[ListResourcePoliciesResponse]: ...

class ListSecretsPaginator:
    def paginate(
        self,
        *,
        IncludePlannedDeletion: bool = ...,
        MaxResults: int = ...,
        NextToken: str = ...,
        Filters: Items[Filter] = ...,
        SortOrder: SortOrderType = ...,
        SortBy: SortByType = ...,
        PaginationConfig: PaginationConfig = ...,
    ) -> PageIterator[ListSecretsResponse]: ...

class Exceptions:
    ClientError = exceptions.ClientError
    DecryptionFailure = exceptions.DecryptionFailure
    EncryptionFailure = exceptions.EncryptionFailure
    InternalServiceError = exceptions.InternalServiceError
    InvalidNextTokenException = exceptions.InvalidNextTokenException
    InvalidParameterException = exceptions.InvalidParameterException
    InvalidRequestException = exceptions.InvalidRequestException
    LimitExceededException = exceptions.LimitExceededException
    MalformedPolicyDocumentException = exceptions.MalformedPolicyDocumentException
    PreconditionNotMetException = exceptions.PreconditionNotMetException
    PublicPolicyException = exceptions.PublicPolicyException
    ResourceExistsException = exceptions.ResourceExistsException
    ResourceNotFoundException = exceptions.ResourceNotFoundException
    def from_code(self, error_code: str) -> type[exceptions.ClientError]: ...

class SecretsManager:
    exceptions: Exceptions
    meta: Meta
    def __init__(
        self,
        ask: Callable[[Operation, dict[str, object]], Outcome],
        close: Callable[[], None],
        region_name: str,
    ) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
    def close(self) -> None: ...
    def can_paginate(self, operation_name: str) -> bool: ...
    @property
    def waiter_names(self) -> list[str]: ...
    def get_waiter(self, waiter_name: str) -> NoReturn: ...
    @overload
    def get_paginator(
        self,
        operation_name: Literal["list_resource_policies"],
    ) -> ListResourcePoliciesPaginator: ...
    @overload
    def get_paginator(
        self,
        operation_name: Literal["list_secrets"],
    ) -> ListSecretsPaginator: ...
    def associate_cross_account_replica(
        self,
        *,
        SecretId: str,
        CrossAccountReplicaARN: str,
        ReplicaRestriction: ReplicaRestrictionType = ...,
        ReplicationRoleARN: str = ...,
    ) -> AssociateCrossAccountReplicaResponse: ...
    def batch_get_secret_value(
        self,
        *,
        SecretIdList: Items[str] = ...,
        Filters: Items[Filter] = ...,
        MaxResults: int = ...,
        NextToken: str = ...,
    ) -> BatchGetSecretValueResponse: ...
    def cancel_rotate_secret(
        self,
        *,
        SecretId: str,
    ) -> CancelRotateSecretResponse: ...
    def create_secret(
        self,
        *,
        Name: str,
        ClientRequestToken: str = ...,
        Description: str = ...,
        KmsKeyId: str = ...,
        SecretBinary: str | bytes | bytearray = ...,
        SecretString: str = ...,
        Tags: Items[Tag] = ...,
        AddReplicaRegions: Items[ReplicaRegionType] = ...,
        ForceOverwriteReplicaSecret: bool = ...,
        Type: str = ...,
        CrossAccountPrimaryARN: str = ...,
    ) -> CreateSecretResponse: ...
    def delete_resource_policy(
        self,
        *,
        SecretId: str,
        PolicyName: str = ...,
    ) -> DeleteResourcePolicyResponse: ...
    def delete_secret(
        self,
        *,
        SecretId: str,
        RecoveryWindowInDays: int = ...,
        ForceDeleteWithoutRecovery: bool = ...,
    ) -> DeleteSecretResponse: ...
    def delete_secret_version(
        self,
        *,
        SecretId: str,
        VersionId: str,
    ) -> DeleteSecretVersionResponse: ...
    def describe_secret(
        self,
        *,
        SecretId: str,
    ) -> DescribeSecretResponse: ...
    def disassociate_cross_account_replica(
        self,
        *,
        SecretId: str,
        CrossAccountReplicaARN: str,
    ) -> DisassociateCrossAccountReplicaResponse: ...
    def get_random_password(
        self,
        *,
        PasswordLength: int = ...,
        ExcludeCharacters: str = ...,
        ExcludeNumbers: bool = ...,
        ExcludePunctuation: bool = ...,
        ExcludeUppercase: bool = ...,
        ExcludeLowercase: bool = ...,
        IncludeSpace: bool = ...,
        RequireEachIncludedType: bool = ...,
    ) -> GetRandomPasswordResponse: ...
    def get_resource_policy(
        self,
        *,
        SecretId: str,
        PolicyName: str = ...,
    ) -> GetResourcePolicyResponse: ...
    def get_secret_value(
        self,
        *,
        SecretId: str,
        VersionId: str = ...,
        VersionStage: str = ...,
    ) -> GetSecretValueResponse: ...
    def list_resource_policies(
        self,
        *,
        SecretId: str,
        MaxResults: int = ...,
        NextToken: str = ...,
    ) -> ListResourcePoliciesResponse: ...
    def list_secret_version_ids(
        self,
        *,
        SecretId: str,
        MaxResults: int = ...,
        NextToken: str = ...,
        IncludeDeprecated: bool = ...,
    ) -> ListSecretVersionIdsResponse: ...
    def list_secrets(
        self,
        *,
        IncludePlannedDeletion: bool = ...,
        MaxResults: int = ...,
        NextToken: str = ...,
        Filters: Items[Filter] = ...,
        SortOrder: SortOrderType = ...,
        SortBy: SortByType = ...,
    ) -> ListSecretsResponse: ...
    def put_resource_policy(
        self,
        *,
        SecretId: str,
        ResourcePolicy: str,
        PolicyName: str = ...,
        BlockPublicPolicy: bool = ...,
    ) -> PutResourcePolicyResponse: ...
    def put_secret_value(
        self,
        *,
        SecretId: str,
        ClientRequestToken: str = ...,
        SecretBinary: str | bytes | bytearray = ...,
        SecretString: str = ...,
        VersionStages: Items[str] = ...,
        RotationToken: str = ...,
    ) -> PutSecretValueResponse: ...
    def remove_regions_from_replication(
        self,
        *,
        SecretId: str,
        RemoveReplicaRegions: Items[str],
    ) -> RemoveRegionsFromReplicationResponse: ...
    def replicate_secret_to_regions(
        self,
        *,
        SecretId: str,
        AddReplicaRegions: Items[ReplicaRegionType],
        ForceOverwriteReplicaSecret: bool = ...,
    ) -> ReplicateSecretToRegionsResponse: ...
    def restore_secret(
        self,
        *,
        SecretId: str,
    ) -> RestoreSecretResponse: ...
    def rotate_secret(
        self,
        *,
        SecretId: str,
        ClientRequestToken: str = ...,
        RotationLambdaARN: str = ...,
        RotationRules: RotationRulesType = ...,
        ExternalSecretRotationMetadata: Items[ExternalSecretRotationMetadataItem] = ...,
        ExternalSecretRotationRoleArn: str = ...,
        RotateImmediately: bool = ...,
    ) -> RotateSecretResponse: ...
    def stop_replication_to_replica(
        self,
        *,
        SecretId: str,
    ) -> StopReplicationToReplicaResponse: ...
    def tag_resource(
        self,
        *,
        SecretId: str,
        Tags: Items[Tag],
    ) -> TagResourceResponse: ...
    def untag_resource(
        self,
        *,
        SecretId: str,
        TagKeys: Items[str],
    ) -> UntagResourceResponse: ...
    def update_secret(
        self,
        *,
        SecretId: str,
        ClientRequestToken: str = ...,
        Description: str = ...,
        KmsKeyId: str = ...,
        SecretBinary: str | bytes | bytearray = ...,
        SecretString: str = ...,
        Type: str = ...,
    ) -> UpdateSecretResponse: ...
    def update_secret_version_stage(
        self,
        *,
        SecretId: str,
        VersionStage: str,
        RemoveFromVersionId: str = ...,
        MoveToVersionId: str = ...,
    ) -> UpdateSecretVersionStageResponse: ...
    def validate_resource_policy(
        self,
        *,
        SecretId: str = ...,
        ResourcePolicy: str,
    ) -> ValidateResourcePolicyResponse: ...
