"""What help says of the commands for people and of their options, for completion.

Reading it where it is written would load Typer: tests/cli/test_complete_described.py writes this.
"""

from __future__ import annotations

from collections.abc import Mapping

TEXTS: Mapping[str, Mapping[str, str]] = {
    "init": {
        "": "Make a vault; asks nothing unless a passphrase is wanted",
        "--account-id": "Account id, twelve digits",
        "--passphrase": "Open it by a passphrase, not by a key file",
        "--key-file": "Where the key file lies, or is to be made",
    },
    "status": {"": "Show which vault is used and what opens it; needs no key"},
    "fsck": {"": "Check every record and relation of the vault, its digest, journal and policies"},
    "backup": {"": "Write vault, policies and journal to one encrypted file, and verify it"},
    "restore": {
        "": "Put a backup back, verified whole before it gets its place",
        "--replace": "Move a vault that is there aside",
    },
    "accept-restore": {
        "": "Go on from an older copy of vault or journal that was put back on purpose"
    },
    "rekey": {
        "": "Give the vault new keys, all at once: what anybody kept of the old ones opens nothing",
        "--dry-run": "Say what would be done, and change nothing",
        "--drop-slot": "Give up the unlock slot of that id; may be given again",
        "--key-file": "Another key file that opens the vault; may be given again",
        "--same-key-files": "Do not give key files new content",
    },
    "rotation": {"": "Show, run, retry and give up rotations"},
    "rotation allow": {
        "": "Let the rotation of a secret read another, which its value names",
        "--read": "Secret of a master or an authority",
        "--remove": "Take it away again",
    },
    "rotation settings": {
        "": "Say which commands, or which requests, a builtin rotates a secret with",
        "--builtin": "One of builtin/exec, builtin/http-api-key",
        "--file": "File of its settings, in TOML",
        "--remove": "Take them away again",
    },
    "rotation install-timer": {
        "": "Have rotation run-due run every five minutes, for the region and the vault",
        "--remove": "Take it away again",
        "--cron": "A line of your crontab, also where systemd is",
        "--dry-run": "Only show what would be written",
    },
    "rotation status": {"": "Show each secret that is rotated: last, next, and what fails and why"},
    "rotation run-due": {
        "": "Rotate every secret of the region that is due, and try again what failed",
        "--dry-run": "Only list what is due",
    },
    "rotation test": {
        "": "Tell what is missing for a rotation of a secret; nothing is changed",
        "--function": "Another one than the secret has",
    },
    "rotation retry": {"": "Try a rotation that is not complete again, now"},
    "rotation abandon": {
        "": "Give up a rotation that is not complete: its version is pending no more"
    },
    "rotation functions": {"": "Register rotation functions of your own"},
    "rotation functions list": {
        "": "List the functions that can be run: those that come with secretctl, and your own"
    },
    "rotation functions add": {
        "": "Register a function under a name, in the place of one that has it",
        "--path": "File of a function in Python",
        "--executable": "Program that does each step",
        "--builtin": "One that comes with secretctl",
        "--handler": "Function in the file; else lambda_handler",
        "--python": "Interpreter that has what it needs; else python3",
        "--pin": "Refuse the file once it is another",
        "--timeout": "Seconds for a step; else 30",
        "--env": "NAME=VALUE it is given",
        "--read": "Secret it may read",
        "--secrets": "Names it may rotate, such as prod/*; else any",
        "--settings": "File of a builtin's settings, in TOML",
    },
    "rotation functions remove": {"": "Forget a function; secrets that it rotates keep its name"},
    "rotation functions test": {"": "Tell what a function is missing; nothing is changed"},
    "unlock-slot": {"": "List, add and remove the ways to open the vault"},
    "unlock-slot list": {"": "List the unlock slots; needs no key"},
    "unlock-slot add": {
        "": "Add a way to open the vault",
        "--passphrase": "Add a passphrase",
        "--key-file": "Add a key file (made if not there)",
    },
    "unlock-slot remove": {"": "Remove a way to open the vault; never the last"},
    "vouching": {"": "Show and take away what the vault's owner does not vouch for"},
    "vouching list": {"": "List records that are not as the owner left them, each with its place"},
    "vouching drop": {
        "": "Take away exactly the records at these places, whatever they say; asks first",
        "--yes": "Do not ask",
    },
    "vouching renew": {
        "": "Vouch for all that is there, where it is not known any more what the owner left",
        "--yes": "Do not ask",
    },
    "vouching recount": {
        "": "Make the digest over all records anew, where it is all that is wrong with the vault",
        "--yes": "Do not ask",
    },
    "audit": {"": "Ask the journal who did what, and check it"},
    "audit lookup-events": {"": "Look events up in the journal, the newest first"},
    "audit exposure": {
        "": "List what has been read by whom since each value last changed: what to rotate after a leak"
    },
    "audit stats": {"": "Count reads, changes and errors by day and by secret"},
    "audit tail": {
        "": "Show the last events, one a line; as JSON Lines where it is piped",
        "--lines": "How many",
        "--follow": "Go on with what is appended",
        "--intents": "Show announcements of changes as well",
    },
    "audit export": {
        "": "Write the journal as its own lines, as a table, or as OCSF events",
        "--format": "jsonl, csv or ocsf",
        "--since": "Only what came after: 2h, 3d or a time",
        "--out": "File to write, 0600; - or none: standard output",
    },
    "audit hash": {
        "": "Print the hash by which a name is found in the journal; recorded, without the name"
    },
    "audit verify": {
        "": "Tell whether the journal is what was written; changes nothing of it",
        "--checkpoint": "File of checkpoints; may be given again",
        "--deep": "Check every record, not closed segments whole",
    },
    "audit checkpoint": {
        "": "Sign the journal's head, to be kept where this machine cannot reach it",
        "--out": "File to write, 0600; - or none: standard output",
        "--key": "Print the public key that verifies checkpoints",
    },
    "audit prune": {
        "": "Remove closed segments that are older; what went stays on record for ever",
        "--before": "A time, or a span such as 400d",
    },
    "policy": {
        "": "Check policies, try them out, put them in force, and explain what they decided"
    },
    "policy lint": {
        "": "Say what is wrong with policies, and what is probably not meant",
        "--type": "identity, resource or trust; guessed if left out",
    },
    "policy simulate": {
        "": "Tell what policies decide: one line of JSON for each case, in order",
        "--input": "Cases as JSON; - is stdin",
        "--principal-arn": "A user, group or role of the vault",
        "--action-names": "Such as iam:GetUser",
        "--resource-arns": "Or names of secrets; else *",
        "--context": "Condition keys",
    },
    "policy apply": {
        "": "Put changed files of the vault's policies/ in force",
        "--restore": "Write missing files anew; change no policy",
        "--drop-oldest": "Where there are five versions, make room",
        "--dry-run": "Show what differs, and change nothing",
        "--yes": "Do not ask",
    },
    "policy who-can": {"": "List who may do something with a secret, and through which statement"},
    "policy explain": {
        "": "Say why the last refusal was one, and what would have to change",
        "--event-id": "Of that event",
        "--principal": "The last one of that user name or ARN",
        "--secret-id": "The last one about that name or ARN",
    },
    "policy generate": {
        "": "Write the least identity policy for what a principal was allowed",
        "--from-audit": "From the journal; there is no other source",
        "--principal": "Name, ARN or id of a user or role",
        "--since": "Only what came after: 2h, 3d or a time",
    },
    "configure": {"": "Read and write config.toml"},
    "configure get": {"": "Print one setting of config.toml; exit status 1 when it is not set"},
    "configure set": {"": "Write one setting; comments in the file are not kept"},
    "configure list": {"": "List every setting, its value and where that comes from"},
    "exec": {
        "": "Run a command with secrets in its environment",
        "--from-env": "references in the values of the present environment",
        "--env-file": "a file of NAME=value lines, some with references",
        "--ecs-task-definition": "the secrets of a container of ECS",
        "--container": "the secrets of a container of ECS",
        "--buildspec": "env.secrets-manager of a buildspec of CodeBuild",
        "--optional": "a source that may be missing",
        "--manifest": "what a manifest names; without any source, that of the nearest secretctl.toml: see...",
        "--environment": "what a manifest names; without any source, that of the nearest secretctl.toml: see...",
        "--file": "the value in a file, for you alone and in memory; its path as NAME",
        "--optional-file": "such a file, of a source that may be missing",
        "--file-name": "what the file of NAME is called, such as tls.pem; otherwise NAME",
        "--file-kind": "a file (the default); a named pipe, which gives the value to everybody who opens it; or...",
        "--aws-endpoint": "hand over no values: COMMAND reads the secrets that the SOURCES name, and no others, by...",
        "--on-conflict": "where the environment has a variable already: the secret wins (the default), it stays,...",
        "--prefix": "in front of names that are not written as NAME=",
        "--keep-case": "put no such name in capitals",
        "--pristine": "pass on only PATH, HOME, TERM, LANG, LC_*, TZ, USER, LOGNAME, SHELL and TMPDIR of the...",
        "--keep": "with --pristine, these as well",
        "--mask": "replace the values by *** in what COMMAND writes: as they are, by line, and encoded...",
        "--no-mask": "leave all output as it is; otherwise it is masked where the environment has a variable...",
        "--watch": "when a value that COMMAND was given changes: end it (SIGTERM, SIGKILL after the grace)...",
        "--watch-signal": "send it SIGNAL instead: HUP, INT, QUIT, TERM, USR1, USR2 or WINCH; its files have the...",
        "--watch-grace": "how long it may take to end, 10 if nothing is said",
        "--no-hint": "do not say, on a terminal, that an argument looks like one in which the shell replaced...",
        "--endpoint-url": "a remote Secrets Manager in its place",
    },
    "get": {
        "": "Write the value of a secret, or of one key",
        "-n": "end no line, on a terminal either",
        "--endpoint-url": "a remote Secrets Manager in its place",
    },
    "set": {
        "": "Give a secret a new value, or one key of it",
        "--from-file": "the value is what this file holds; - is standard input, /dev/tty asks for several...",
        "--json": "the value of the key is JSON: a number, true, an object; without it, it is text",
        "--binary": "the whole value is bytes, kept as they are (SecretBinary)",
        "--keep-newline": "the line end of a single line is kept",
        "--create": "make the secret if there is none: not without being told to, since a mistyped name...",
        "--endpoint-url": "a remote Secrets Manager in its place",
    },
    "unset": {
        "": "Take one key out of a secret",
        "--endpoint-url": "a remote Secrets Manager in its place",
    },
    "check": {
        "": "Verify that needed secrets are there",
        "--manifest": "this file (- is standard input) instead of secretctl.toml; with SOURCEs, too",
        "--environment": "what [environments.NAME] in it says as well; otherwise the one that the variable...",
        "--output": "lines, a table (the default on a terminal), or JSON that lists what is right, too",
        "--endpoint-url": "a remote Secrets Manager in its place, of which all values are read",
    },
    "export": {
        "": "Write secrets in the format of what is to read them, to the byte or not at all",
        "--format": "One of: dotenv, docker, compose, shell, fish, powershell, json, yaml, toml,...",
        "--out": "File to write, 0600; - or none: standard output",
        "--name": "Name of the Secret, for k8s",
        "--manifest": "This file, besides SOURCE; - is standard input",
        "--environment": "Environment of the manifest, besides SOURCE",
    },
    "import": {
        "": "Make a secret of each entry of a file, all of them or none",
        "--format": "One of: dotenv, docker, compose, shell, fish, powershell, json, yaml, toml,...",
        "--prefix": "In front of the name of each secret",
        "--name": "Name of each secret; {} is the entry's",
        "--into": "All entries as one secret, a JSON object",
        "--on-conflict": "Where a secret has another value: error, skip or overwrite",
        "--dry-run": "Say what would be done; change nothing",
        "--tag": "Of each new secret",
        "--kms-key-id": "Key of each new secret",
        "--first-line": "Of each entry of pass, the password alone",
    },
    "inject": {
        "": "Write a text file with secrets in the place of its references",
        "--out": "File to write, 0600; - or none: standard output",
        "--escape": "How values are written: none, json, yaml, toml, xml, shell, auto",
    },
    "sync": {
        "": "Copy secrets to another place: values, descriptions, tags and policies",
        "--from": "aws, vault, or the URL of another",
        "--to": "aws, vault, or a URL; secrets are changed here",
        "--prefix": "Of the names of what is copied",
        "--dry-run": "Say what would be done; change nothing",
        "--without-policies": "Leave resource policies alone",
        "--profile": "Profile of AWS's files",
        "--from-profile": "The same, for --from alone",
        "--to-profile": "The same, for --to alone",
    },
    "serve": {
        "": "Answer AWS's SDKs as Secrets Manager does, until it is stopped",
        "--listen": "IP:PORT; port 0 takes a free one",
        "--tls-cert": "Certificate, with its chain, in PEM",
        "--tls-key": "Its private key, in PEM",
        "--allow-remote": "Listen where other machines reach it",
        "--allow-host": "Name that clients may call the server by",
        "--agent": "Serve AWS's agent protocol too; token from AWS_TOKEN",
        "--agent-token-file": "The same, with the token from a file",
        "--metrics": "Serve /metrics for Prometheus",
        "--verbose": "Write a line for each request, without names",
        "--no-rotation": "Leave what is due to be rotated to others",
    },
    "completion": {"": "Print the completion script of a shell"},
}
"""By command: what it does under "", and what each of its own options does."""
