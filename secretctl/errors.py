"""Every error this program can end with, and the exit status of each.

* SecretctlError                    255  base, never raised itself
  - UsageError                      252  the command line could not be read
    . ParameterError                252  parameters break the declaration, found before the call
  - ConfigError                     253  configuration file or environment
  - VaultError                      253  the state of a vault
    . NoVaultError                       there is no vault where one was looked for
    . VaultExistsError                   there is one where a new one was to be made
    . UnsafePermissionsError             a file others could read or replace
    . UnlockError                        no unlock method opened the vault
      NothingGivenError                  nobody was there to ask, or nothing was typed
    . VaultDamagedError                  a record, the header or the schema is not what was written
      ValueDamagedError                  the value of one version alone is
    . PolicyFileError                    a policy's file is not the one in force
    . VaultVersionError                  the format is newer than this program
    . JournalDamagedError                the journal is not what was written
      NoJournalFileError                 something else stands in the place of one of its files
    . RolledBackError                    an older copy of vault or journal was put back
  - StoreBusyError                  255  another process holds the vault for too long
  - StoreError                      255  the file system or database refused
  - OutcomeUnknownError             255  a commit failed half way: reading again tells what holds
  - JournalUnavailableError         255  the journal cannot be read or written: nothing is given out
    . SegmentGoneError                   a segment went while it was read: it was pruned
  - OutcomeNotRecordedError         251  a change holds, but its outcome could not be journalled
  - DeliveryError                   252  a secret cannot be a variable, or not in that format
  - OutputError                     255  the answer could not be delivered
  - EndpointError                   255  a remote endpoint was not reached, or gave no answer
  - CommandNotFoundError            127  ``exec``: there is no such program
  - CommandNotExecutableError       126  ``exec``: the program cannot be run
  - ServiceError                    254  an API operation refused; carries an AWS error code
    . KeyNotGrantedError                 the caller has no grant on the key of a value
    . OwnerOnlyError                     what is asked for needs the root key

The numbers are those of the AWS command line, version 2.
See: https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-returncodes.html

Messages are static or hold names, never a value: a rejected input may be the secret.
"""

from __future__ import annotations

_PLACE_BYTES = 16


def recorded_code(error: BaseException) -> str:
    """Return what the journal calls *error*: AWS's code, or the name of a class of our own."""
    return error.code if isinstance(error, ServiceError) else type(error).__name__


class SecretctlError(Exception):
    """Base of all errors reported without a traceback.

    Local messages are lower case without a full stop; *hints* name the next command to type.
    """

    exit_status = 255

    def __init__(self, message: str, *hints: str) -> None:
        super().__init__(message)
        self.message = message
        self.hints = hints


class UsageError(SecretctlError):
    """The command line could not be read."""

    exit_status = 252


class ParameterError(UsageError):
    """Parameters break their declaration; the sentence is botocore's."""


class ConfigError(SecretctlError):
    """A configuration file or an environment variable cannot be used."""

    exit_status = 253


class VaultError(SecretctlError):
    """The vault is not in a state in which the command can run."""

    exit_status = 253
    policy = ""
    """Name or ARN of the policy that is not in force and has a say in what was asked for."""


class NoVaultError(VaultError):
    """There is no vault where one was looked for."""


class VaultExistsError(VaultError):
    """A vault is already where a new one was to be made."""


class UnsafePermissionsError(VaultError):
    """A file or folder could be read or replaced by somebody else."""


class UnlockError(VaultError):
    """No unlock method opened the vault."""


class NothingGivenError(UnlockError):
    """A passphrase was asked for and none was given: nothing was tried."""


class VaultDamagedError(VaultError):
    """Stored bytes are not those that were written."""

    place = ""
    """Where the record lies, or should, if it is that of a secret: digits, as ``fsck`` says it."""

    def at(self, place: bytes) -> VaultDamagedError:
        """Return this error, which says where the record is; what is stored may be anybody's."""
        self.place = place[:_PLACE_BYTES].hex()
        return self


class ValueDamagedError(VaultDamagedError):
    """The value of one version is not what was written; the rest of the vault can be read."""


class PolicyFileError(VaultError):
    """The file of a managed policy is missing, or not the one that is in force."""


class VaultVersionError(VaultError):
    """The vault was written by a newer program."""


class JournalDamagedError(VaultError):
    """The journal is not what was written, or its files are not as they must be."""


class NoJournalFileError(JournalDamagedError):
    """Something else stands in the place of a file of the journal, or of its directory."""


class RolledBackError(VaultError):
    """An older copy of the vault or of the journal was put back."""


class StoreBusyError(SecretctlError):
    """Another process held the vault for longer than the time limit."""


class StoreError(SecretctlError):
    """The file system or the database refused; nothing was changed."""


class OutcomeUnknownError(SecretctlError):
    """A commit failed half way; whether it holds shows only on reading again."""


class JournalUnavailableError(SecretctlError):
    """The journal could not be read or written, so nothing was given out or changed."""


class SegmentGoneError(JournalUnavailableError):
    """A segment of the journal went after it was seen; whoever reads takes another moment."""

    def __init__(self) -> None:
        super().__init__("a segment of the journal was removed meanwhile", "type the command again")


class OutcomeNotRecordedError(SecretctlError):
    """A change was committed and its outcome could not be journalled; the next command does it."""

    exit_status = 251


class DeliveryError(SecretctlError):
    """A secret cannot be handed to a program in the way that was asked for."""

    exit_status = 252


class NoRoomError(DeliveryError):
    """The system has no room for the files of a program, for now."""


class OutputError(SecretctlError):
    """The answer could not be written where it was to go."""


class EndpointError(SecretctlError):
    """A remote endpoint could not be reached, or what it answers is no answer.

    Args:
        message: The sentence; botocore's, where it has one.
        is_passing: Whether to ask again may help.
    """

    def __init__(self, message: str, *hints: str, is_passing: bool = True) -> None:
        super().__init__(message, *hints)
        self.is_passing = is_passing
        self.is_sent = True
        """Whether anything of the request may have arrived."""


class CannotGenerateError(SecretctlError):
    """The journal does not tell enough for a policy to be generated from it."""

    exit_status = 1


class CommandNotFoundError(SecretctlError):
    """The program to be executed does not exist."""

    exit_status = 127


class CommandNotExecutableError(SecretctlError):
    """The program to be executed is not one."""

    exit_status = 126


class ServiceError(SecretctlError):
    """An API operation refused.

    Args:
        code: AWS's error code (``ResourceNotFoundException``).
        message: AWS's sentence.
    """

    exit_status = 254
    after = ""
    """What AWS's tool adds to the name of the operation: how often it was tried."""

    def __init__(self, code: str, message: str, *hints: str) -> None:
        super().__init__(message, *hints)
        self.code = code


class KeyNotGrantedError(ServiceError):
    """The key-encryption key of a value is not granted to whoever opened the vault, or denied.

    Args:
        key: ARN of the KMS key; empty where there is none.
        operation: What would have to be granted: ``Decrypt``.
        decision: What the policies that deny it said, for the journal; None where a grant is
            missing.
    """

    def __init__(
        self, key: str = "", operation: str = "", decision: dict[str, object] | None = None
    ) -> None:
        super().__init__("AccessDeniedException", "Access to KMS is not allowed")
        self.key = key
        self.operation = operation
        self.decision = decision


class OwnerOnlyError(ServiceError):
    """What is asked for needs the root key, which a principal's credential does not open.

    Args:
        event: Name of what is asked for, as the journal has it; empty where it has none, or where
            whoever reports the error knows it.
        code: AccessDenied, or AccessDeniedException where the service has that.
        message: The sentence.
    """

    def __init__(
        self,
        event: str = "",
        code: str = "AccessDenied",
        message: str = "Only the account root can do this.",
    ) -> None:
        super().__init__(
            code,
            message,
            "unset SECRETCTL_ACCESS_KEY_ID SECRETCTL_SECRET_ACCESS_KEY SECRETCTL_SESSION_TOKEN, or "
            "choose a profile without aws_access_key_id",
        )
        self.event = event
