"""A vault that is served: users and a role who may read, and what they ask for."""

from typing import NamedTuple

from secretctl.audit.event import Origin
from secretctl.audit.verdict import Verdict
from secretctl.domain.credential import Given
from secretctl.model.operations import BY_NAME
from secretctl.service.opening import begin
from secretctl.service.proof import verified
from secretctl.service.serving import Serving
from secretctl.service.session import Session
from secretctl.vault.vault import LockedVault
from tests.conftest import Service, World
from tests.service.conftest import Other, given_key

REGION = "us-east-1"
HERE = Origin("10.0.0.7", "Boto3/1.40 md/Botocore#1.40", "11111111-2222-4333-8444-555555555555")
ACCOUNT = "arn:aws:iam::000000000000"
READS = (
    '{"Version":"2012-10-17","Statement":{"Effect":"Allow",'
    '"Action":["secretsmanager:GetSecretValue","sts:AssumeRole"],"Resource":"*"}}'
)
TRUSTS = (
    '{"Version":"2012-10-17","Statement":{"Effect":"Allow",'
    '"Principal":{"AWS":"000000000000"},"Action":"sts:AssumeRole"}}'
)
Fields = dict[str, object]


class Scene(NamedTuple):
    """The owner's commands, as another process would run them, and the server."""

    world: World
    service: Service
    iam: Other
    serving: Serving

    def user(self, name: str, policy: str = READS) -> Given:
        """Make a user with an access key."""
        self.iam("CreateUser", UserName=name)
        self.allow(name, policy)
        return given_key(self.iam, name)

    def allow(self, name: str, policy: str) -> None:
        """Put a policy of a user in force."""
        self.iam("PutUserPolicy", UserName=name, PolicyName="p", PolicyDocument=policy)

    def role(self) -> None:
        """Make a role that every user with permission may become."""
        self.iam("CreateRole", RoleName="dep", AssumeRolePolicyDocument=TRUSTS)
        self.iam("PutRolePolicy", RoleName="dep", PolicyName="p", PolicyDocument=READS)

    def assumed(self, given: Given, **more: object) -> Given:
        """Begin a session of the role, by a process of its user's own."""
        vault = LockedVault(self.world.directory).unlock_with(given, self.world.context.random)
        assert vault is not None
        sts = Other(begin(self.world.context, vault, REGION), "sts")
        answer = sts("AssumeRole", RoleArn=f"{ACCOUNT}:role/dep", RoleSessionName="run", **more)
        sts.session.close()
        found = answer["Credentials"]
        assert isinstance(found, dict)
        return Given(found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])

    def session(
        self, given: Given, origin: Origin = HERE, serving: Serving | None = None
    ) -> Session:
        """Return the session of one request, whose signature would have been checked."""
        by = serving or self.serving
        found = by.secret_of(given.key_id, given.session_token)
        assert found == given
        return by.session(found, REGION, origin)

    def ask(
        self, given: Given, operation: str, origin: Origin = HERE, **parameters: object
    ) -> Fields:
        """Ask for an operation as one request does."""
        session = self.session(given, origin)
        return self.serving.call(session, BY_NAME[operation], dict(parameters))

    def value(self, given: Given, secret_id: str, origin: Origin = HERE) -> object:
        """Return the value that a request reads."""
        return self.ask(given, "GetSecretValue", origin, SecretId=secret_id)["SecretString"]

    def is_intact(self) -> None:
        """See that the journal is, to its last record."""
        report = verified(self.service.session.vault, "", [], deep=True)
        assert (report.verdict, report.findings) == (Verdict.INTACT, ())
