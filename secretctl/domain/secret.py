"""What is known of a secret and of its versions; never a value.

All times are integers, milliseconds since 1970-01-01 UTC; days are whole days since then.
"""

from __future__ import annotations

from secretctl.errors import VaultDamagedError
from secretctl.record import NamedTuple

DAY_MS = 86_400_000
MOST_SERIALS = 1 << 32
"""Serials are below it: four bytes each."""


class Version(NamedTuple):
    """One version of a secret."""

    id: str
    created_ms: int
    stages: tuple[str, ...] = ()
    """Staging labels, in the order AWS lists them (the order attached)."""

    accessed_day: int | None = None
    """Day of the last read."""

    kms_key_id: str = ""
    """As given by the user; empty for the account's default key."""

    serial: int = 0
    """Place of the version's value in the store: counts up in each secret, never used twice."""

    pin: bytes = b""
    """Keyed hash of the stored value record; empty while the version has no value."""


ROTATING, TESTING = "rotating", "testing"


class Rotation(NamedTuple):
    """How a secret is to be rotated (RotateSecret)."""

    enabled: bool
    function: str = ""
    """RotationLambdaARN as given."""

    automatically_after_days: int | None = None
    duration: str = ""
    schedule_expression: str = ""
    external_metadata: tuple[tuple[str, str], ...] = ()
    external_role: str = ""
    last_rotated_ms: int | None = None
    next_rotation_ms: int | None = None
    """The last second of the next window."""

    failed_tries: int = 0
    """Of the rotation under way, one behind the other."""

    next_try_ms: int | None = None
    """When it is tried again; None where no try has failed."""

    failed_step: str = ""
    """In which step the last try failed: ``setSecret``."""

    doing: str = ""
    """What is done with the pending version: `ROTATING` or `TESTING`; empty for nothing of ours."""

    failed_why: str = ""
    """Why the last try failed: a static sentence, or the code of an error."""


class Replica(NamedTuple):
    """A replica of a primary secret, as the primary remembers it."""

    region: str
    kms_key_id: str = ""
    status: str = "InSync"
    message: str = ""


class Secret(NamedTuple):
    """A secret in one region."""

    region: str
    name: str
    suffix: str
    """The six characters behind the last hyphen of its ARN."""

    number: int
    """Place in the store and in the order of creation; never used twice in a vault."""

    created_ms: int
    changed_ms: int
    accessed_day: int | None = None
    description: str = ""
    kms_key_id: str = ""
    type: str = ""
    owning_service: str = ""
    tags: tuple[tuple[str, str], ...] | None = None
    """None until first tagged: AWS then leaves the member out."""

    delete_after_ms: int | None = None
    """End of the recovery window, once deletion is scheduled."""

    deleted_ms: int | None = None
    """When deletion was asked for."""

    rotation: Rotation | None = None
    resource_policy: str = ""
    """JSON text as given; empty for none."""

    primary_region: str = ""
    """Set on replicas, and on primaries that have replicas."""

    replicas: tuple[Replica, ...] = ()
    next_serial: int = 1
    versions: tuple[Version, ...] = ()
    """In the order of creation."""

    def counted(self) -> Secret:
        """Return the secret with a next serial that is above all its versions'.

        Whoever has a credential can count it back in the vault.
        """
        above = 1 + max((version.serial for version in self.versions), default=0)
        return self if self.next_serial >= above else self._replace(next_serial=above)

    def free_serial(self) -> int:
        """Return the serial of a version to be made.

        Raises:
            VaultDamagedError: None is left.
        """
        serial = self.counted().next_serial
        if serial >= MOST_SERIALS:
            raise VaultDamagedError(
                "no number is left for another version of the secret",
                "secretctl rekey, which counts them anew",
                "secretctl delete-secret-version before that, of a version that is not yours",
            )
        return serial
