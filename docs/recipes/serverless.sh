#!/bin/sh
# serverless.md on a throw-away vault: sh serverless.sh, with secretctl and boto3 for python3 in PATH.
python3 -c 'import boto3' 2> /dev/null || {
    echo 'python3 has no boto3: python3 -m venv v && v/bin/pip install boto3' >&2
    echo "and then: PATH=\$PWD/v/bin:\$PATH sh $0" >&2
    exit 1
}
. "$(dirname "$0")/throw-away.sh"

part 'A vault and a secret'
show <<'SHOWN'
export SECRETCTL_VAULT="$HOME/vaults/orders"
SHOWN
show <<'SHOWN'
secretctl init
SHOWN
show <<'SHOWN'
secretctl create-secret --name dev/orders --query Name --secret-string file:///dev/stdin <<'END'
{"user": "orders", "token": "correct horse"}
END
SHOWN

part 'The function'
show <<'SHOWN'
cat > handler.py <<'END'
import json
import os

import boto3

secrets = boto3.client("secretsmanager")


def handler(event, context):
    answer = secrets.get_secret_value(SecretId=os.environ["SECRET_ID"])
    secret = json.loads(answer["SecretString"])
    return {"statusCode": 200, "body": f"order {event['order']} as {secret['user']}"}
END
SHOWN
show <<'SHOWN'
cat > invoke.py <<'END'
import sys

from botocore.exceptions import ClientError

from handler import handler

try:
    print(handler({"order": 7}, None))
except ClientError as error:
    sys.exit(str(error))
END
SHOWN

part 'Invoke it'
show <<'SHOWN'
export SECRET_ID=dev/orders
SHOWN
show <<'SHOWN'
secretctl exec --aws-endpoint dev/orders -- python3 invoke.py
SHOWN
show <<'SHOWN'
secretctl create-secret --name dev/billing --secret-string x --query Name
SHOWN
fails <<'SHOWN'
SECRET_ID=dev/billing secretctl exec --aws-endpoint dev/orders -- python3 invoke.py
SHOWN

part 'What was read'
show <<'SHOWN'
secretctl audit exposure --query 'Exposures[].[Name,Times]' --output text
SHOWN
show <<'SHOWN'
secretctl audit lookup-events --errors-only --query 'Events[].[EventName,Username]' --output text
SHOWN
