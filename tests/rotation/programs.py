"""Functions that are programs, for tests: each the source of a shell script."""

FIELDS = """#!/bin/sh
set -eu
event=$(cat)
field() { printf '%s' "$event" | sed -n "s/.*\\"$1\\":\\"\\([^\\"]*\\)\\".*/\\1/p"; }
step=$(field Step) arn=$(field SecretId) token=$(field ClientRequestToken)
"""
"""Reads the event."""

ROTATES = (
    FIELDS
    + """
case $step in
createSecret)
    new=$(secretctl get-random-password --exclude-punctuation \\
        --query RandomPassword --output text)
    printf '%s' "$new" | secretctl put-secret-value --secret-id "$arn" \\
        --client-request-token "$token" --version-stages AWSPENDING \\
        --secret-string file:///dev/stdin
    echo "made $new"
    ;;
finishSecret)
    old=$(secretctl get-secret-value --secret-id "$arn" --query VersionId --output text)
    secretctl update-secret-version-stage --secret-id "$arn" --version-stage AWSCURRENT \\
        --move-to-version-id "$token" --remove-from-version-id "$old"
    ;;
esac
"""
)
"""Rotates a secret that opens nothing, by the commands of this program alone."""

FAILS = "#!/bin/sh\necho hidden-in-a-message >&2\nexit 3\n"
KILLED = "#!/bin/sh\nkill -9 $$\n"
DOES_NOT_READ = "#!/bin/sh\nexit 0\n"
NOT_ENDING = "#!/bin/sh\nsleep 99 &\necho started $$ $!\nwait\n"
LEAVES_SOMETHING = "#!/bin/sh\nsleep 99 &\necho started $!\nexit 4\n"
PRINTS_TOO_MUCH = "#!/bin/sh\nhead -c 3000000 /dev/zero | tr '\\0' x\nexit 5\n"
