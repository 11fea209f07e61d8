#!/bin/sh
# rotation.md on a throw-away vault: sh rotation.sh, with secretctl and boto3 for python3 in PATH.
python3 -c 'import boto3' 2> /dev/null || {
    echo 'python3 has no boto3: python3 -m venv v && v/bin/pip install boto3' >&2
    echo "and then: PATH=\$PWD/v/bin:\$PATH sh $0" >&2
    exit 1
}
. "$(dirname "$0")/throw-away.sh"

part 'A password every month'
show <<'SHOWN'
export SECRETCTL_VAULT="$HOME/vaults/tokens"
SHOWN
show <<'SHOWN'
secretctl init
SHOWN
show <<'SHOWN'
secretctl create-secret --name prod/admin --query Name --secret-string file:///dev/stdin <<'END'
{"username": "admin", "password": "first"}
END
SHOWN
show <<'SHOWN'
secretctl rotate-secret --secret-id prod/admin --rotation-lambda-arn builtin/password \
    --rotation-rules AutomaticallyAfterDays=30 --query Name
SHOWN
show <<'SHOWN'
secretctl get prod/admin#username && echo && secretctl get prod/admin#password | wc -c
SHOWN
show <<'SHOWN'
secretctl get 'prod/admin#password?stage=AWSPREVIOUS' && echo
SHOWN

part 'A function of your own'
show <<'SHOWN'
mkdir service && echo first > service/tokens
SHOWN
show <<'SHOWN'
printf first | secretctl create-secret --name prod/token --secret-string file:///dev/stdin --query Name
SHOWN
show <<'SHOWN'
cat > rotate.py <<'END'
import os
import secrets
from pathlib import Path

import boto3

client = boto3.client("secretsmanager")
service = Path(os.environ["SERVICE"])


def lambda_handler(event, context):
    secret, version = event["SecretId"], event["ClientRequestToken"]
    if event["Step"] == "createSecret":
        create(secret, version)
    elif event["Step"] == "setSecret":
        token, accepted = pending(secret, version), service.read_text().split()
        if token not in accepted:
            service.write_text(f"{accepted[-1]}\n{token}\n")
    elif event["Step"] == "testSecret":
        if pending(secret, version) not in service.read_text().split():
            raise ValueError("the service does not take the new token")
    elif event["Step"] == "finishSecret":
        labels = client.describe_secret(SecretId=secret)["VersionIdsToStages"]
        (current,) = (each for each in labels if "AWSCURRENT" in labels[each])
        if current != version:
            client.update_secret_version_stage(
                SecretId=secret, VersionStage="AWSCURRENT",
                MoveToVersionId=version, RemoveFromVersionId=current,
            )


def create(secret, version):
    try:
        pending(secret, version)
    except client.exceptions.ResourceNotFoundException:
        client.put_secret_value(
            SecretId=secret, ClientRequestToken=version,
            SecretString=secrets.token_urlsafe(), VersionStages=["AWSPENDING"],
        )


def pending(secret, version):
    return client.get_secret_value(
        SecretId=secret, VersionId=version, VersionStage="AWSPENDING"
    )["SecretString"]
END
SHOWN
show <<'SHOWN'
secretctl rotation functions add token --path "$HOME/rotate.py" --pin \
    --env SERVICE="$HOME/service/tokens"
SHOWN
show <<'SHOWN'
secretctl rotation test prod/token --function token
SHOWN
show <<'SHOWN'
CI=1 secretctl rotate-secret --secret-id prod/token --rotation-lambda-arn token \
    --rotation-rules ScheduleExpression='rate(7 days)' --query Name
SHOWN
show <<'SHOWN'
secretctl exec TOKEN=prod/token -- sh -c 'grep -cFxe "$TOKEN" service/tokens'
SHOWN

part 'When it fails'
show <<'SHOWN'
mv service elsewhere
SHOWN
fails <<'SHOWN'
secretctl rotate-secret --secret-id prod/token --query Name
SHOWN
show <<'SHOWN'
tail -n 1 "$SECRETCTL_VAULT/rotation/2.log"
SHOWN
show <<'SHOWN'
secretctl rotation status | grep -A 11 prod/token
SHOWN
show <<'SHOWN'
secretctl exec TOKEN=prod/token -- sh -c 'grep -cFxe "$TOKEN" elsewhere/tokens'
SHOWN
show <<'SHOWN'
mv elsewhere service; secretctl rotation retry prod/token
SHOWN
show <<'SHOWN'
secretctl exec TOKEN=prod/token -- sh -c 'grep -cFxe "$TOKEN" service/tokens; wc -l < service/tokens'
SHOWN

part 'By the clock'
show <<'SHOWN'
secretctl rotation run-due
SHOWN
show <<'SHOWN'
secretctl rotate-secret --secret-id prod/token --no-wait --query Name
SHOWN
show <<'SHOWN'
secretctl rotation run-due --dry-run
SHOWN
show <<'SHOWN'
secretctl rotation run-due
SHOWN
show <<'SHOWN'
secretctl audit lookup-events --secret-id prod/token --output text \
    --query "reverse(Events)[?starts_with(EventName, 'Rotation') && EventName != 'RotationStep'].EventName"
SHOWN
