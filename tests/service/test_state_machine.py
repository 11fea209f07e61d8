"""All operations that move labels and versions, in any order, against a model of AWS's rules.

After each step everything that can be asked is compared, also through a replica.
SECRETCTL_TEST_FULL=1 tries more orders.
"""

import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from secretctl.cli import opening
from tests.conftest import DAY_MS
from tests.service.conftest import FUNCTION
from tests.service.label_machine import THERE, SideBySide
from tests.service.label_model import (
    BAD_PARAMETER,
    BAD_REQUEST,
    CURRENT,
    EXISTS,
    NOT_FOUND,
    PENDING,
    PREVIOUS,
    Refusal,
    Secret,
)

# One is deleted and made anew, one is in two regions and one begins without a value.
PLAIN, REPLICATED, EMPTY = "plain", "replicated", "empty"
NAMES = st.sampled_from([PLAIN, REPLICATED, EMPTY])
TOKEN = st.sampled_from([str(number) * 32 for number in range(4)])
VALUE = st.sampled_from(["one", "two"])
LABEL = st.sampled_from([CURRENT, PENDING, PREVIOUS, "blue"])


class Labels(SideBySide):
    """The operations, each with what the model says of it."""

    @initialize(token=TOKEN, value=VALUE)
    def begin_with_a_replica(self, token: str, value: str) -> None:
        """Make the secret that has a replica."""
        self.model[REPLICATED] = secret = Secret()
        secret.store(token, value, {CURRENT})
        self.check(
            None,
            "CreateSecret",
            Name=REPLICATED,
            ClientRequestToken=token,
            SecretString=value,
            AddReplicaRegions=[{"Region": THERE}],
        )

    @initialize(token=TOKEN, rotation=st.none() | TOKEN)
    def begin_without_a_value(self, token: str, rotation: str | None) -> None:
        """Make the secret without a value, perhaps with a rotation begun."""
        self.create(EMPTY, token, None)
        if rotation:
            self.rotate(EMPTY, rotation)

    @rule(name=NAMES, token=TOKEN, value=st.none() | VALUE)
    def create(self, name: str, token: str, value: str | None) -> None:
        """CreateSecret, new or again."""
        secret = self.known(name)
        expected: Refusal | None = None
        if secret is None:
            self.model[name] = secret = Secret()
            if value is not None:
                secret.store(token, value, {CURRENT})
        elif secret.ends_ms is not None:
            expected = BAD_REQUEST
        elif value is None or token not in secret.versions or secret.versions[token].value != value:
            expected = EXISTS
        given = {} if value is None else {"SecretString": value}
        self.check(expected, "CreateSecret", Name=name, ClientRequestToken=token, **given)

    @rule(name=NAMES, token=TOKEN, value=VALUE, labels=st.none() | st.sets(LABEL, min_size=1))
    def put(self, name: str, token: str, value: str, labels: set[str] | None) -> None:
        """PutSecretValue, with labels or without."""
        found = self.usable(name)
        labels = labels and labels - {PREVIOUS}
        expected = (
            found if isinstance(found, Refusal) else found.store(token, value, labels or {CURRENT})
        )
        given = {"VersionStages": sorted(labels)} if labels else {}
        self.check(
            expected,
            "PutSecretValue",
            SecretId=name,
            ClientRequestToken=token,
            SecretString=value,
            **given,
        )

    @rule(name=NAMES, token=TOKEN, value=st.none() | VALUE, description=st.none() | VALUE)
    def update(self, name: str, token: str, value: str | None, description: str | None) -> None:
        """UpdateSecret, of value or description, both or nothing."""
        found = self.usable(name)
        expected = found if isinstance(found, Refusal) else None
        if isinstance(found, Secret):
            if value is not None:
                expected = found.store(token, value, {CURRENT})
            if description is not None and expected is None:
                found.description = description
        given = {"SecretString": value, "Description": description}
        self.check(
            expected,
            "UpdateSecret",
            SecretId=name,
            ClientRequestToken=token,
            **{member: each for member, each in given.items() if each is not None},
        )

    @rule(name=NAMES, label=LABEL, source=st.none() | TOKEN, destination=st.none() | TOKEN)
    def move(self, name: str, label: str, source: str | None, destination: str | None) -> None:
        """UpdateSecretVersionStage, mostly refused."""
        self.move_label(name, label, source, destination)

    @rule(name=NAMES, label=LABEL, destination=TOKEN)
    def move_properly(self, name: str, label: str, destination: str) -> None:
        """UpdateSecretVersionStage with the version that holds the label named."""
        secret = self.known(name)
        self.move_label(name, label, secret.holder(label) if secret else None, destination)

    def move_label(
        self, name: str, label: str, source: str | None, destination: str | None
    ) -> None:
        """Move in both."""
        found = self.usable(name)
        expected = found if isinstance(found, Refusal) else found.move(label, source, destination)
        given = {"RemoveFromVersionId": source, "MoveToVersionId": destination}
        self.check(
            expected,
            "UpdateSecretVersionStage",
            SecretId=name,
            VersionStage=label,
            **{member: each for member, each in given.items() if each is not None},
        )

    @rule(name=NAMES, token=TOKEN)
    def rotate(self, name: str, token: str) -> None:
        """RotateSecret with a function that is there."""
        found = self.usable(name)
        expected = found if isinstance(found, Refusal) else found.rotate(token)
        self.check(
            expected,
            "RotateSecret",
            SecretId=name,
            ClientRequestToken=token,
            RotationLambdaARN=FUNCTION,
        )

    @rule(name=NAMES, token=TOKEN)
    def delete_version(self, name: str, token: str) -> None:
        """DeleteSecretVersion: any without labels."""
        found = self.usable(name)
        expected = found if isinstance(found, Refusal) else None
        if isinstance(found, Secret):
            if token not in found.versions:
                expected = NOT_FOUND
            elif found.versions[token].labels:
                expected = BAD_REQUEST
            else:
                del found.versions[token]
        self.check(expected, "DeleteSecretVersion", SecretId=name, VersionId=token)

    @rule(name=st.sampled_from([PLAIN, REPLICATED]), days=st.sampled_from([None, 7, 30]))
    def delete(self, name: str, days: int | None) -> None:
        """DeleteSecret, by force or with a window; never one with replicas."""
        secret = self.known(name)
        expected: Refusal | None = None
        if secret is None:
            expected = None if days is None else NOT_FOUND
        elif name == REPLICATED:
            expected = BAD_PARAMETER
        elif days is None:
            del self.model[name]
        elif secret.ends_ms is not None:
            expected = BAD_REQUEST
        else:
            secret.ends_ms = self.clock.now_ms + days * DAY_MS
        if days is None:
            self.check(expected, "DeleteSecret", SecretId=name, ForceDeleteWithoutRecovery=True)
        else:
            self.check(expected, "DeleteSecret", SecretId=name, RecoveryWindowInDays=days)

    @rule(name=NAMES)
    def restore(self, name: str) -> None:
        """RestoreSecret, deleted or not."""
        secret = self.known(name)
        if secret is not None:
            secret.ends_ms = None
        self.check(None if secret else NOT_FOUND, "RestoreSecret", SecretId=name)

    @rule(milliseconds=st.sampled_from([1, 3_600_000, DAY_MS, 8 * DAY_MS, 31 * DAY_MS]))
    def wait(self, milliseconds: int) -> None:
        """Let time pass."""
        self.clock.pass_ms(milliseconds)

    @precondition(lambda self: self.model)
    @rule()
    def open_again(self) -> None:
        """Go on as another process would."""
        self.close()
        self.vault = opening.open_vault(self.directory, self.context)

    @invariant()
    def everything_is_as_the_model_says(self) -> None:
        """Describe, list and read all there is, in both regions."""
        for name in (PLAIN, REPLICATED, EMPTY):
            secret = self.known(name)
            self.compare(self.service(), name, secret)
            self.compare(self.service(THERE), name, secret if name == REPLICATED else None)


TestLabels = Labels.TestCase
TestLabels.settings = settings(
    max_examples=200 if os.environ.get("SECRETCTL_TEST_FULL") == "1" else 30,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
