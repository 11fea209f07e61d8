"""A served vault, its users, and what their programs are given."""

import gc
import json
from typing import Any

import boto3
from botocore.config import Config
from botocore.credentials import Credentials

from tests.faults.commands import ended
from tests.server.served import Served

REGION = "us-east-1"
EVERYTHING = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"},
}

Client = Any


class Home:
    """A served vault and the keys of its users."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self._clients: list[Client] = []

    def user(self, name: str, policy: object = None) -> Credentials:
        """Make a user with a policy, and return an access key."""
        world = self.served.world
        assert ended(world, "iam", "create-user", "--user-name", name).status == 0
        if policy:
            words = ("--policy-name", "p", "--policy-document", json.dumps(policy))
            assert ended(world, "iam", "put-user-policy", "--user-name", name, *words).status == 0
        done = ended(world, "iam", "create-access-key", "--user-name", name, "--output", "json")
        made = json.loads(done.stdout)["AccessKey"]
        return Credentials(made["AccessKeyId"], made["SecretAccessKey"])

    def client(self, given: Credentials, region: str = REGION, **more: Any) -> Client:
        """Return a client that does not try again."""
        made = boto3.client(
            "secretsmanager",
            endpoint_url=self.served.url,
            region_name=region,
            aws_access_key_id=given.access_key,
            aws_secret_access_key=given.secret_key,
            aws_session_token=given.token,
            config=Config(retries={"total_max_attempts": 1}, **more),
        )
        self._clients.append(made)
        return made

    def hang_up(self) -> None:
        """Close the connections of all clients."""
        for each in self._clients:
            each.close()
        self._clients.clear()
        gc.collect()  # what an error that was caught refers to

    def environ(self, given: Credentials) -> dict[str, str]:
        """Return all that a program of AWS's needs, as variables."""
        return {
            "AWS_ENDPOINT_URL_SECRETS_MANAGER": self.served.url,
            "AWS_ACCESS_KEY_ID": given.access_key,
            "AWS_SECRET_ACCESS_KEY": given.secret_key,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
