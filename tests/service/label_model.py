"""A model of how AWS moves versions and staging labels, knowing nothing of the program.

Plain dictionaries, written from AWS's documentation.
"""

from typing import NamedTuple

CURRENT, PREVIOUS, PENDING = "AWSCURRENT", "AWSPREVIOUS", "AWSPENDING"


class Refusal(NamedTuple):
    """An error's code."""

    code: str


NOT_FOUND = Refusal("ResourceNotFoundException")
EXISTS = Refusal("ResourceExistsException")
BAD_PARAMETER = Refusal("InvalidParameterException")
BAD_REQUEST = Refusal("InvalidRequestException")


class Version:
    """What the model knows of a version."""

    def __init__(self, value: str | None) -> None:
        self.value = value
        self.labels: set[str] = set()
        self.read_on: dict[str, int] = {}


class Secret:
    """What the model knows of a secret."""

    def __init__(self) -> None:
        self.versions: dict[str, Version] = {}
        self.ends_ms: int | None = None
        self.description: str | None = None
        self.rotated = False
        self.read_on: dict[str, int] = {}

    def holder(self, label: str) -> str | None:
        """Return which version has a label."""
        return next((id_ for id_, each in self.versions.items() if label in each.labels), None)

    def give(self, label: str, version_id: str) -> None:
        """Take a label from whoever has it and attach it."""
        for each in self.versions.values():
            each.labels.discard(label)
        self.versions[version_id].labels.add(label)

    def make_current(self, version_id: str) -> None:
        """Move AWSCURRENT; whoever had it is AWSPREVIOUS."""
        old = self.holder(CURRENT)
        self.give(CURRENT, version_id)
        if old not in (None, version_id):
            self.give(PREVIOUS, str(old))

    def store(self, token: str, value: str, labels: set[str]) -> Refusal | None:
        """Store a value as PutSecretValue and UpdateSecret do."""
        known = self.versions.get(token)
        if known is not None and known.value is not None:
            return None if known.value == value else EXISTS
        if known is not None and not known.labels & {PENDING, CURRENT}:
            return EXISTS  # begun by a rotation that was given up since
        labels = set(labels)
        if self.holder(CURRENT) is None and known is None:
            labels.add(CURRENT)
        self.versions.setdefault(token, Version(None)).value = value
        for label in sorted(labels - {CURRENT}):
            self.give(label, token)
        if CURRENT in labels:
            if self.holder(CURRENT) != token:
                for version_id, each in self.versions.items():
                    if version_id != token:
                        each.labels.discard(PENDING)
            self.make_current(token)
        return None

    def move(self, label: str, source: str | None, destination: str | None) -> Refusal | None:
        """Move a label as UpdateSecretVersionStage does."""
        if source is None and destination is None:
            return BAD_PARAMETER
        if not {source, destination} <= {None, *self.versions}:
            return BAD_PARAMETER
        holder = self.holder(label)
        if label == CURRENT and destination is None:
            return BAD_PARAMETER
        if holder != source and not (source is None and holder == destination):
            return BAD_PARAMETER
        if destination is None:
            self.versions[str(source)].labels.discard(label)
        elif label == CURRENT:
            self.make_current(destination)
        else:
            self.give(label, destination)
        return None

    def rotate(self, token: str) -> Refusal | None:
        """Begin a rotation as RotateSecret does."""
        pending = self.holder(PENDING)
        if pending not in (None, token, self.holder(CURRENT)):
            return BAD_REQUEST
        if token in self.versions and token not in (pending, self.holder(CURRENT)):
            return BAD_REQUEST
        self.rotated = True
        if token not in self.versions:
            self.versions[token] = Version(None)
            self.give(PENDING, token)
        return None
