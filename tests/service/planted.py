"""A vault in which somebody who holds a credential writes records by another program."""

from collections.abc import Callable
from pathlib import Path

import pytest

from secretctl.domain.principals import USER, Role, User
from secretctl.errors import VaultDamagedError
from secretctl.service.rekey_survey import survey
from secretctl.service.secrets import writing
from secretctl.service.session import Session
from secretctl.service.unvouched import drop, listed
from secretctl.vault import fsck, layout, principals
from secretctl.vault.transaction import Transaction
from tests.conftest import Service
from tests.service.conftest import ALLOWS_ALL, Other, given_key, new_key
from tests.vault.stored import records_of

ARN = "arn:aws:iam::000000000000"
MINE = b"\x11" * 32
TRUST = (
    '{"Version":"2012-10-17","Statement":{"Effect":"Allow",'
    '"Principal":{"AWS":"%s"},"Action":"sts:AssumeRole"}}'
)
DAY_MS = 86_400_000


class Scene:
    """Bob, who is granted the key of prod and may become dep; eve, who has a credential."""

    def __init__(self, service: Service, as_user: Callable[[str], Session]) -> None:
        self.service, self.vault = service, service.session.vault
        self.kms, self.iam = Other(service.session, "kms"), Other(service.session, "iam")
        self.key = new_key(self.kms, "alias/prod")
        service("CreateSecret", Name="prod/k", SecretString="V-K", KmsKeyId="alias/prod")
        for name in ("bob", "eve"):
            self.iam("CreateUser", UserName=name)
        trust = TRUST % f"{ARN}:user/bob"
        self.iam("CreateRole", RoleName="dep", AssumeRolePolicyDocument=trust)
        for whom in ("user/bob", "role/dep"):
            given = {"GranteePrincipal": f"{ARN}:{whom}", "Operations": ["Decrypt"]}
            self.kms("CreateGrant", KeyId=self.key, **given)
        self.bobs = given_key(self.iam, "bob")
        self.eve = as_user("eve")
        self.path = Path(self.vault.directory, "vault.db")

    def user(self, name: str) -> User:
        """Return a user as it is now."""
        with self.vault.read() as view:
            found = principals.find(view, USER, name)
        assert isinstance(found, User)
        return found

    def role(self) -> Role:
        """Return the role as it is now."""
        with self.vault.read() as view:
            found = principals.find(view, "role", "dep")
        assert isinstance(found, Role)
        return found

    def plant(self, change: Callable[[Transaction], object]) -> None:
        """Let eve's other program write records; a check of the digest finds nothing."""
        with writing(self.eve) as transaction:
            change(transaction)
        assert not [each for each in fsck.check(self.vault).problems if "digest" in each]

    def sealed(self) -> dict[bytes, bytes]:
        """Return what is sealed to anybody."""
        return {
            key: value
            for key, value in records_of(self.path).items()
            if key[:1] in (layout.GRANT, layout.CREDENTIAL)
        }

    def refuses(self, what: str, *calls: Callable[[], object]) -> None:
        """See that calls are refused, say why and seal nothing; and that fsck says it."""
        before = self.sealed()
        for each in calls:
            with pytest.raises(VaultDamagedError) as caught:
                each()
            assert what in caught.value.message
            assert caught.value.hints[0].startswith("secretctl vouching list --vault ")
            assert caught.value.hints[1].startswith("secretctl vouching drop ")
        assert self.sealed() == before
        problems = fsck.check(self.vault).problems
        assert any(each.startswith("the owner does not vouch for it: ") for each in problems)
        assert any(what in each for each in problems)

    def drops(self, *told: str) -> None:
        """Take away what the owner does not vouch for, which is *told*; see that it is mended."""
        found = listed(self.service.session)
        assert sorted(each.told for each in found) == sorted(told)
        drop(self.service.session, [each.place for each in found])
        self.is_mended()

    def survey(self) -> object:
        """Begin a rekey, or its dry run."""
        return survey(self.service.session)

    def is_mended(self) -> None:
        """See that nothing is left, and that the owner can go on."""
        assert listed(self.service.session) == []
        assert fsck.check(self.vault).problems == ()
        self.iam("CreateUser", UserName="next")
        self.kms("RotateKeyOnDemand", KeyId=self.key, Rewrap=True)
        assert fsck.check(self.vault).problems == ()

    def plants_policy(self, *names: str) -> None:
        """Let policies say that eve may become dep, which an account's trust then allows."""
        inline = (*self.user("eve").inline, *((name, ALLOWS_ALL) for name in names))
        self.plant(lambda seen: principals.put(seen, self.user("eve")._replace(inline=inline)))
