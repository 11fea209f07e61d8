"""The vault and the model of labels side by side, and how the two are compared."""

import io
import os
import shutil
import tempfile
from pathlib import Path

from hypothesis.stateful import RuleBasedStateMachine

from secretctl.cli import making
from secretctl.context import CHEAPEST, Context
from secretctl.errors import ServiceError
from secretctl.service.opening import begin
from secretctl.service.session import Session
from secretctl.vault.fsck import check
from tests.conftest import DAY_MS, Clock, Service
from tests.service.conftest import entries
from tests.service.label_model import BAD_REQUEST, NOT_FOUND, Refusal, Secret, Version

HERE, THERE = "us-east-1", "eu-west-1"


class SideBySide(RuleBasedStateMachine):
    """The vault and the model; the rules are the test's."""

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp())
        self.clock = Clock()
        self.context = Context(
            environ={"HOME": str(self.home), "PATH": ""},
            stdin=io.StringIO(),
            stdout=io.TextIOWrapper(io.BytesIO()),
            stderr=io.StringIO(),
            now_ms=self.clock,
            random=os.urandom,
            kdf=CHEAPEST,
            interactive=False,
        )
        self.directory = str(self.home / "vault")
        self.vault = making.make_vault(self.directory, self.context).vault
        self.sessions: dict[str, Session] = {}
        self.model: dict[str, Secret] = {}

    def teardown(self) -> None:
        """Check every record of the vault, and remove it."""
        try:
            assert check(self.vault).problems == ()
        finally:
            self.close()
            shutil.rmtree(self.home)

    def close(self) -> None:
        """Give vault and journal back."""
        for session in self.sessions.values():
            session.close()
        self.sessions.clear()
        self.vault.close()

    def service(self, region: str = HERE) -> Service:
        """Return the operations of a region, every rotation function found."""
        if region not in self.sessions:
            self.sessions[region] = begin(self.context, self.vault, region, lambda *_: "")
        return Service(self.sessions[region])

    def known(self, name: str) -> Secret | None:
        """Return the model's secret, unless its window is over."""
        secret = self.model.get(name)
        if secret and secret.ends_ms is not None and secret.ends_ms <= self.clock.now_ms:
            del self.model[name]
            return None
        return secret

    def usable(self, name: str) -> Secret | Refusal:
        """Return the model's secret, or why it cannot be used."""
        secret = self.known(name)
        if secret is None:
            return NOT_FOUND
        return secret if secret.ends_ms is None else BAD_REQUEST

    def check(self, expected: Refusal | None, operation: str, **parameters: object) -> None:
        """Call an operation and compare how it ends with what the model says."""
        answer = answer_of(self.service(), operation, **parameters)
        assert (answer if isinstance(answer, Refusal) else None) == expected, operation

    def compare(self, service: Service, name: str, secret: Secret | None) -> None:
        """Compare one secret in one region."""
        if secret is None:
            assert answer_of(service, "DescribeSecret", SecretId=name) == NOT_FOUND
            assert answer_of(service, "GetSecretValue", SecretId=name) == NOT_FOUND
            return
        region = service.session.region
        shown = service("DescribeSecret", SecretId=name)
        labels = shown.get("VersionIdsToStages", {})
        assert isinstance(labels, dict)
        assert {version_id: set(each) for version_id, each in labels.items()} == {
            version_id: each.labels for version_id, each in secret.versions.items() if each.labels
        }
        assert shown.get("Description") == secret.description
        assert ("DeletedDate" in shown) == (secret.ends_ms is not None)
        assert ("RotationEnabled" in shown) == secret.rotated
        assert day_of(shown) == secret.read_on.get(region)
        listed = entries(
            service("ListSecretVersionIds", SecretId=name, IncludeDeprecated=True), "Versions"
        )
        filled = {each: held for each, held in secret.versions.items() if held.value is not None}
        assert [each["VersionId"] for each in listed] == list(filled)
        for entry, version in zip(listed, filled.values(), strict=True):
            assert day_of(entry) == version.read_on.get(region)
        for version_id, version in secret.versions.items():
            self.compare_value(service, name, secret, version_id, version)

    def compare_value(
        self, service: Service, name: str, secret: Secret, version_id: str, version: Version
    ) -> None:
        """Read one version by its id and by each of its labels."""
        ways = [{"VersionId": version_id}, *({"VersionStage": each} for each in version.labels)]
        for way in ways:
            answer = answer_of(service, "GetSecretValue", SecretId=name, **way)
            if secret.ends_ms is not None:
                assert answer == BAD_REQUEST
            elif version.value is None:
                assert answer == NOT_FOUND
            else:
                assert not isinstance(answer, Refusal)
                assert answer["SecretString"] == version.value
                assert answer["VersionId"] == version_id
                today = self.clock.now_ms // DAY_MS
                region = service.session.region
                secret.read_on[region] = version.read_on[region] = today


def answer_of(
    service: Service, operation: str, **parameters: object
) -> dict[str, object] | Refusal:
    """Return an answer, or the code of a refusal."""
    try:
        return service(operation, **parameters)
    except ServiceError as error:
        return Refusal(error.code)


def day_of(entry: dict[str, object]) -> int | None:
    """Return LastAccessedDate as a day since 1970."""
    date = entry.get("LastAccessedDate")
    if date is None:
        return None
    seconds = date.timestamp()  # type: ignore[attr-defined]  # a timestamp, says the model
    assert seconds % 86_400 == 0
    return int(seconds) // 86_400
