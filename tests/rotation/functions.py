"""Functions as users of AWS write them, for tests: each the source of a file."""

PLAIN = """
import json, os, sys
import boto3

def lambda_handler(event, context):
    arn, token, step = event["SecretId"], event["ClientRequestToken"], event["Step"]
    client = boto3.client("secretsmanager", endpoint_url=os.environ["SECRETS_MANAGER_ENDPOINT"])
    stages = client.describe_secret(SecretId=arn)["VersionIdsToStages"]
    assert "AWSPENDING" in stages[token], stages
    if step == "createSecret":
        client.get_secret_value(SecretId=arn, VersionStage="AWSCURRENT")
        try:
            client.get_secret_value(SecretId=arn, VersionId=token, VersionStage="AWSPENDING")
        except client.exceptions.ResourceNotFoundException:
            password = client.get_random_password()["RandomPassword"]
            client.put_secret_value(
                SecretId=arn, ClientRequestToken=token, SecretString=password,
                VersionStages=["AWSPENDING"],
            )
            print("made", password, flush=True)
    elif step == "testSecret":
        client.get_secret_value(SecretId=arn, VersionId=token, VersionStage="AWSPENDING")
    elif step == "finishSecret":
        (current,) = [each for each, held in stages.items() if "AWSCURRENT" in held]
        client.update_secret_version_stage(
            SecretId=arn, VersionStage="AWSCURRENT",
            MoveToVersionId=token, RemoveFromVersionId=current,
        )
"""
"""Rotates a secret that opens nothing, and prints its new value."""

CURIOUS = (
    PLAIN
    + """
    if step == "testSecret":
        import botocore.session
        for what, call in {
            "other": lambda: client.get_secret_value(SecretId="other"),
            "list": lambda: client.list_secrets(),
            "delete": lambda: client.delete_secret(SecretId=arn),
            "policy": lambda: client.put_resource_policy(SecretId=arn, ResourcePolicy="{}"),
            "rds": lambda: boto3.client("rds").describe_db_instances(),
        }.items():
            try:
                call()
            except Exception as error:
                print(what, type(error).__name__, error)
            else:
                print(what, "WAS ALLOWED")
        print("environment", sorted(os.environ))
        print("remaining", 0 < context.get_remaining_time_in_millis() <= 30000)
        print("named", context.function_name, context.aws_request_id, event["RotationToken"])
"""
)
"""Asks for what it may not have."""

FAILING = """
def lambda_handler(event, context):
    if event["Step"] == "createSecret":
        raise ValueError("the value is hidden-in-a-message")
"""
NOT_ENDING = """
import subprocess, sys, time

def lambda_handler(event, context):
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    print("started", flush=True)
    time.sleep(60)
"""
DYING = """
import os, signal

def lambda_handler(event, context):
    os.kill(os.getpid(), signal.SIGKILL)
"""
POSTGRES = """
import json, os
import boto3, psycopg

def opened(value):
    try:
        return psycopg.connect(
            host=value["host"], port=value["port"], dbname="postgres", sslmode="disable",
            user=value["username"], password=value["password"], autocommit=True,
        )
    except psycopg.OperationalError:
        return None

def lambda_handler(event, context):
    arn, token, step = event["SecretId"], event["ClientRequestToken"], event["Step"]
    client = boto3.client("secretsmanager", endpoint_url=os.environ["SECRETS_MANAGER_ENDPOINT"])
    stages = client.describe_secret(SecretId=arn)["VersionIdsToStages"]
    (current,) = [each for each, held in stages.items() if "AWSCURRENT" in held]
    if current == token:
        return
    value = lambda version: json.loads(
        client.get_secret_value(SecretId=arn, VersionId=version)["SecretString"]
    )
    if step == "createSecret":
        try:
            value(token)
        except client.exceptions.ResourceNotFoundException:
            password = client.get_random_password(ExcludePunctuation=True)["RandomPassword"]
            client.put_secret_value(
                SecretId=arn, ClientRequestToken=token, VersionStages=["AWSPENDING"],
                SecretString=json.dumps({**value(current), "password": password}),
                RotationToken=event["RotationToken"],
            )
    elif step == "setSecret":
        pending = value(token)
        with opened(pending) or opened(value(current)) as connection:
            connection.execute(f"ALTER ROLE app PASSWORD '{pending['password']}'")
    elif step == "testSecret":
        with opened(value(token)) as connection:
            connection.execute("SELECT now()")
    else:
        client.update_secret_version_stage(
            SecretId=arn, VersionStage="AWSCURRENT",
            MoveToVersionId=token, RemoveFromVersionId=current,
        )
"""
"""Gives a role of PostgreSQL another password, as AWS's function for one user does."""

AS_A_PROGRAM = """

if __name__ == "__main__":
    class Context:
        function_name, aws_request_id = "none", "none"
        get_remaining_time_in_millis = staticmethod(lambda: 1)

    lambda_handler(json.load(sys.stdin), Context)
"""
"""Behind a function: runs it with the event on standard input, as programs are given it."""

ASKING = (
    PLAIN
    + """
    if step == "testSecret":
        for what, call in {
            "DescribeKey": lambda: boto3.client("kms").describe_key(KeyId="alias/mine"),
            "Encrypt": lambda: boto3.client("kms").encrypt(KeyId="alias/mine", Plaintext=b"x"),
            "CreateKey": lambda: boto3.client("kms").create_key(),
            "ListUsers": lambda: boto3.client("iam").list_users(),
            "CreateAccessKey": lambda: boto3.client("iam").create_access_key(),
            "AssumeRole": lambda: boto3.client("sts").assume_role(
                RoleArn="arn:aws:iam::000000000000:role/admin", RoleSessionName="mine"),
            "PutSecretValue": lambda: client.put_secret_value(SecretId="other", SecretString="x"),
            "RotateSecret": lambda: client.rotate_secret(SecretId=arn),
            "CreateSecret": lambda: client.create_secret(Name="mine", SecretString="x"),
            "BatchGetSecretValue": lambda: client.batch_get_secret_value(
                Filters=[{"Key": "name", "Values": ["o"]}])["SecretValues"][0],
        }.items():
            try:
                call()
            except Exception as error:
                print(what, type(error).__name__, error)
            else:
                print(what, "WAS ALLOWED")
"""
)
"""Asks for other keys, other services, and more of its own."""

PRINTING = (
    PLAIN
    + """
    import base64, subprocess, time
    value = lambda: client.get_secret_value(
        SecretId=arn, VersionId=token, VersionStage="AWSPENDING")["SecretString"]
    if step == "setSecret":
        encoded = base64.b64encode(b"user:" + value().encode()).decode()
        for text in (value(), encoded, json.dumps([value()])):
            for part in (text[:7], text[7:], "\\n"):
                os.write(1, part.encode())
                time.sleep(0.01)
        print("on stderr", value(), file=sys.stderr, flush=True)
        child = 'printf "from a child %s\\n" "$V"; printf "and one more %s\\n" "$V" >&2'
        subprocess.run(["sh", "-c", child], env={"V": value(), "PATH": os.environ["PATH"]})
        print("of the event", event["RotationToken"], os.environ["AWS_SECRET_ACCESS_KEY"],
              os.environ["AWS_SESSION_TOKEN"], flush=True)
    if step == "testSecret":
        raise ValueError("not let in with " + value())
"""
)
"""Prints its value in every way it knows."""

LINGERING = (
    PLAIN
    + """
    if step == "finishSecret":
        import subprocess
        script = (
            "import boto3, sys, time\\n"
            "time.sleep(1)\\n"
            "try: said = boto3.client('secretsmanager').get_secret_value(SecretId=sys.argv[1])\\n"
            "except Exception as error: said = type(error).__name__\\n"
            "open(sys.argv[2], 'w').write(str(said))\\n"
        )
        subprocess.Popen(
            [sys.executable, "-c", script, arn, os.environ["ANSWER"]], start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
"""
)
"""Leaves a process behind that asks again once all is over."""
