"""What enforcement costs: a user with ten policies reads a secret, beside the vault's owner."""

import json
import os
import subprocess
from functools import partial

from bench import vaults
from bench.measure import Row, clean_environment, functions, ratio_row, run

_POLICIES = 10


def rows(base: str, program: str, runs: int) -> list[Row]:
    """Return the row; *runs* processes of each are started in turns."""
    home = os.path.join(base, "access")
    vaults.filled(home, 100).close()
    owner = clean_environment(home)
    user = {**owner, **_user(program, owner)}
    get = [program, "get-secret-value", "--secret-id", "bench/7"]
    run(get, user)
    took = functions({"owner": partial(run, get, owner), "user": partial(run, get, user)}, runs)
    ratio = took["user"] / took["owner"]
    return [ratio_row("get by a user of 10 policies / by the owner", ratio, 1.1)]


def _user(program: str, environ: dict[str, str]) -> dict[str, str]:
    """Make a user, five of whose policies are managed ones; return its credential."""

    def iam(*words: str) -> dict[str, dict[str, str]]:
        done = subprocess.run(
            [program, "iam", *words], env=environ, capture_output=True, check=True
        )
        answer: dict[str, dict[str, str]] = json.loads(done.stdout or b"{}")
        return answer

    iam("create-user", "--user-name", "ci")
    for number in range(_POLICIES):
        document = ("--policy-document", _document(number))
        if number % 2:
            named = ("--user-name", "ci", "--policy-name", f"inline-{number}")
            iam("put-user-policy", *named, *document)
        else:
            made = iam("create-policy", "--policy-name", f"managed-{number}", *document)
            arn = made["Policy"]["Arn"]
            iam("attach-user-policy", "--user-name", "ci", "--policy-arn", arn)
    key = iam("create-access-key", "--user-name", "ci")["AccessKey"]
    return {
        "SECRETCTL_ACCESS_KEY_ID": key["AccessKeyId"],
        "SECRETCTL_SECRET_ACCESS_KEY": key["SecretAccessKey"],
    }


def _document(number: int) -> str:
    """Return a policy of two statements; one of the tenth policy allows the reading."""
    statements = [
        {
            "Effect": "Allow",
            "Action": "secretsmanager:DescribeSecret",
            "Resource": f"arn:aws:secretsmanager:*:*:secret:team-{number}/{each}/*",
            "Condition": {"StringEquals": {"aws:RequestedRegion": "us-east-1"}},
        }
        for each in range(1)
    ]
    reading = f"arn:aws:secretsmanager:*:*:secret:{'bench' if number == 9 else number}/*"
    allow = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": reading}
    return json.dumps({"Version": "2012-10-17", "Statement": [*statements, allow]})
