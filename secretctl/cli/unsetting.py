"""``secretctl unset``: one key less in the JSON object of a secret."""

from __future__ import annotations

from secretctl.cli import changing
from secretctl.cli.argv import divide
from secretctl.cli.changing import Change, Value
from secretctl.cli.options import Globals, helped
from secretctl.context import Context
from secretctl.delivery import environment, json_members
from secretctl.errors import UsageError

COMMAND = "unset"
_FORM = "secretctl unset SECRET-ID#KEY"

HELP = """\
Usage: secretctl unset SECRET-ID#KEY

  Take one key out of the JSON object that a secret is; all other keys stay to the
  byte and in their order. The version before, which has the key, keeps the label
  AWSPREVIOUS. That there is no such key is an error.

  It takes the permissions for GetSecretValue and PutSecretValue, and is recorded
  under these names. Others that set or unset keys meanwhile are not lost (see set).

Options:
  --vault DIR             the vault
  --endpoint-url URL      a remote Secrets Manager in its place
  --region REGION         the region
  --profile NAME          a profile of the configuration file
  --debug                 where in the program an error arose; never a value
  --help                  show this text

Examples:
  secretctl unset prod/db#old_password

Exit status:
  252  the command line, or there is no such key
  253  configuration or vault
  254  the secret could not be read or written
  255  anything else
"""


def run(words: list[str], given: Globals, context: Context) -> int:
    """Run ``unset``; return the exit status.

    Raises:
        UsageError: The command line cannot be read.
        DeliveryError: The secret has no such key.
    """
    found = divide(words, given, COMMAND)
    flags = found.globals
    if helped(flags, COMMAND, HELP, context):
        return 0
    source = changing.target(found, _FORM, has_value=False)
    key = source.json_key
    if key is None:
        raise UsageError(
            "no key is named", _FORM, "secretctl delete-secret --secret-id ID removes all of it"
        )

    def edit(present: Value | None) -> Value | None:
        if key not in environment.members_of(source, "{}" if present is None else present):
            raise environment.without_key(source)
        return json_members.without_member(str(present), key)

    return changing.make(Change(source, edit, COMMAND), flags, context)
