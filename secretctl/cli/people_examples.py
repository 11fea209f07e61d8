"""Examples in the help of commands for people: lines that can be pasted, never broken by a box."""

from __future__ import annotations

from collections.abc import Mapping

EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "": (
        "secretctl init",
        "secretctl create-secret --name prod/db --secret-string file://db.json",
        "secretctl get prod/db",
        "secretctl exec prod/db -- ./manage.py migrate",
        "secretctl set prod/db#password",
        "secretctl list-secrets --query 'SecretList[].Name'",
    ),
    "init": ("secretctl init", "secretctl init --passphrase", "secretctl init --vault team/vault"),
    "status": ("secretctl status",),
    "fsck": ("secretctl fsck",),
    "rekey": ("secretctl rekey --dry-run", "secretctl rekey --drop-slot 6ccc2eb886a59f3c"),
    "backup": ("secretctl backup vault.backup",),
    "restore": ("secretctl restore vault.backup --replace",),
    "accept-restore": ("secretctl accept-restore",),
    "export": (
        "secretctl export prod/db --format dotenv --out .env",
        'eval "$(secretctl export prod/db --format shell)"',
        "secretctl export prod/db --format k8s --name db | kubectl apply -f -",
    ),
    "import": (
        "secretctl import .env --format dotenv --into dev/app",
        "secretctl import .env --format dotenv --prefix dev/app/ --dry-run",
        "secretctl import ~/.password-store --format pass --prefix pass/",
    ),
    "inject": (
        "secretctl inject app.yaml.tpl --escape yaml --out app.yaml",
        "echo 'password={{secretctl://prod/db#password}}' | secretctl inject -",
    ),
    "sync": (
        "secretctl sync --from aws --to vault --dry-run",
        "secretctl sync --from vault --to aws --prefix prod/",
    ),
    "serve": (
        "secretctl serve",
        "secretctl serve --listen 127.0.0.1:8123 --metrics",
    ),
    "unlock-slot": ("secretctl unlock-slot list", "secretctl unlock-slot add --passphrase"),
    "unlock-slot list": ("secretctl unlock-slot list",),
    "unlock-slot add": (
        "secretctl unlock-slot add --passphrase",
        "secretctl unlock-slot add --key-file /media/usb/vault.key",
    ),
    "unlock-slot remove": ("secretctl unlock-slot remove 6ccc2eb886a59f3c",),
    "vouching": ("secretctl vouching list",),
    "vouching list": ("secretctl vouching list",),
    "vouching drop": ("secretctl vouching drop 0300",),
    "vouching renew": ("secretctl vouching renew",),
    "vouching recount": ("secretctl vouching recount",),
    "audit": (
        "secretctl audit lookup-events --secret-id prod/db --since 2h",
        "secretctl audit tail -f",
        "secretctl audit exposure --principal ci",
        "secretctl audit verify",
    ),
    "audit tail": ("secretctl audit tail -n 20", "secretctl audit tail -f"),
    "audit export": ("secretctl audit export --format csv --since 30d --out journal.csv",),
    "audit hash": ("secretctl audit hash prod/db",),
    "audit verify": ("secretctl audit verify", "secretctl audit verify --checkpoint head.txt"),
    "audit checkpoint": ("secretctl audit checkpoint --out head.txt",),
    "audit prune": ("secretctl audit prune --before 400d",),
    "policy": (
        "secretctl policy lint ci.json",
        "secretctl policy explain",
        "secretctl policy who-can GetSecretValue prod/db",
    ),
    "policy lint": ("secretctl policy lint ci.json", "secretctl policy lint --type trust -"),
    "policy simulate": (
        "secretctl policy simulate --input cases.jsonl",
        "secretctl policy simulate --principal-arn arn:aws:iam::000000000000:user/ci \\\n"
        "    --action-names secretsmanager:GetSecretValue --resource-arns prod/db",
    ),
    "policy apply": ("secretctl policy apply --dry-run", "secretctl policy apply read-prod"),
    "policy who-can": ("secretctl policy who-can GetSecretValue prod/db",),
    "policy explain": ("secretctl policy explain", "secretctl policy explain --principal ci"),
    "policy generate": ("secretctl policy generate --from-audit --principal ci --since 30d",),
    "rotation": (
        "secretctl rotation status",
        "secretctl rotation test prod/db --function builtin/postgres",
        "secretctl rotate-secret --secret-id prod/db \\\n"
        "    --rotation-lambda-arn builtin/postgres \\\n"
        "    --rotation-rules AutomaticallyAfterDays=30",
    ),
    "rotation status": ("secretctl rotation status",),
    "rotation run-due": ("secretctl rotation run-due --dry-run", "secretctl rotation run-due"),
    "rotation test": ("secretctl rotation test prod/db --function builtin/postgres",),
    "rotation retry": ("secretctl rotation retry prod/db",),
    "rotation abandon": ("secretctl rotation abandon prod/db",),
    "rotation allow": ("secretctl rotation allow 'prod/db/*' --read prod/master",),
    "rotation settings": (
        "secretctl rotation settings",
        "secretctl rotation settings 'prod/*' --builtin builtin/exec --file app.toml",
    ),
    "rotation install-timer": (
        "secretctl rotation install-timer --dry-run",
        "secretctl rotation install-timer --remove",
    ),
    "rotation functions": (
        "secretctl rotation functions list",
        "secretctl rotation functions add token --path rotate.py --pin",
    ),
    "rotation functions list": ("secretctl rotation functions list",),
    "rotation functions add": (
        "secretctl rotation functions add token --path rotate.py --pin",
        "secretctl rotation functions add site --executable ./rotate-site --timeout 60",
    ),
    "rotation functions remove": ("secretctl rotation functions remove token",),
    "rotation functions test": ("secretctl rotation functions test token prod/token",),
    "completion": (
        "source <(secretctl completion bash)",
        "secretctl completion zsh > ~/.zfunc/_secretctl",
        "secretctl completion fish > ~/.config/fish/completions/secretctl.fish",
    ),
    "configure": ("secretctl configure list", "secretctl configure set region eu-west-1"),
    "configure get": ("secretctl configure get region",),
    "configure set": ("secretctl configure set region eu-west-1 --profile work",),
    "configure list": ("secretctl configure list --profile work",),
    "iam": (
        "secretctl iam create-user --user-name ci",
        "secretctl iam put-user-policy --user-name ci --policy-name reads \\\n"
        "    --policy-document file://reads.json",
        "secretctl iam create-access-key --user-name ci",
    ),
    "kms": (
        "secretctl kms create-key --query KeyMetadata.KeyId --output text",
        "secretctl kms list-aliases",
    ),
    "sts": ("secretctl sts get-caller-identity",),
}
"""By command; the empty one is the program itself."""


def text(command: str) -> str:
    """Return what help shows behind the options of *command*; nothing where there is no example."""
    lines = [line for example in EXAMPLES.get(command, ()) for line in example.split("\n")]
    return "".join(["Examples:\n", *(f"  {line}\n" for line in lines), "\n"]) if lines else ""
