"""What the journal says of errors of our own, which AWS has none of: one sentence for each class.

What a person was told may repeat a path or a name that was typed in; a record does not.
"""

ERRORS = {
    "BrokenPipeError": "The reader of the answer has gone.",
    "CannotGenerateError": "The journal does not tell what a policy would have to allow.",
    "CommandNotExecutableError": "The command cannot be run.",
    "CommandNotFoundError": "There is no such command.",
    "ConfigError": "The configuration or the environment cannot be used.",
    "DeliveryError": "A secret cannot be handed to a program in that way.",
    "EndpointError": "A remote endpoint could not be reached.",
    "JournalDamagedError": "The journal is not what was written.",
    "JournalUnavailableError": "The journal cannot be used.",
    "KeyboardInterrupt": "The command was interrupted.",
    "NoJournalFileError": "What stands in the place of a file of the journal is none.",
    "NoRoomError": "There is no room for the files of a program.",
    "NoVaultError": "There is no vault.",
    "NothingGivenError": "No passphrase was given.",
    "OutcomeNotRecordedError": "The outcome of a change could not be recorded.",
    "OutcomeUnknownError": "It is not known whether the change was made.",
    "OutputError": "The answer could not be delivered.",
    "ParameterError": "A parameter breaks its declaration.",
    "PolicyFileError": "The file of a policy is not the one in force.",
    "RolledBackError": "An older copy of vault or journal was put back.",
    "SecretctlError": "The command failed.",
    "SegmentGoneError": "A segment of the journal was removed meanwhile.",
    "StoreBusyError": "Another process held the vault for too long.",
    "StoreError": "The file system or the database refused.",
    "UnlockError": "A key file or passphrase cannot be used.",
    "UnsafePermissionsError": "A file can be reached or replaced by somebody else.",
    "UsageError": "The command line could not be read.",
    "ValueDamagedError": "The value of a version is not what was written.",
    "VaultDamagedError": "The vault is not what was written.",
    "VaultError": "The vault is not in a state in which this can be done.",
    "VaultExistsError": "There is a vault already.",
    "VaultVersionError": "The vault was written by a newer program.",
}
