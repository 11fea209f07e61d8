"""What help says of the options that operations share, each as it is typed and what it does."""

from __future__ import annotations

COMMON = (
    ("--cli-input-json JSON", "parameters as JSON, as --generate-cli-skeleton prints them"),
    ("--cli-input-yaml YAML", "parameters as YAML"),
    ("--generate-cli-skeleton [input|yaml-input|output]", "print a skeleton and call nothing"),
)
PAGES = (
    ("--starting-token TOKEN", "go on where an answer cut short by --max-items ended"),
    ("--page-size N", "items asked for at a time; does not change the answer"),
    ("--max-items N", "most items in the answer"),
)
REMOTE = (
    (
        "--endpoint-url URL",
        "a remote Secrets Manager in the vault's place, credentials from ~/.aws",
    ),
    ("--ca-bundle FILE", "certificates of the authorities that its certificate is verified by"),
    ("--no-verify-ssl", "take any certificate"),
    ("--allow-http", "send values unencrypted, where the URL begins with http://"),
    ("--no-sign-request", "send requests that nobody signed"),
    ("--cli-connect-timeout N", "seconds to wait for a connection; 60"),
    ("--cli-read-timeout N", "seconds to wait for each part of an answer; 60"),
)
GLOBALS = (
    ("--output FORMAT", "json (default), text, table, yaml, yaml-stream or off"),
    ("--query EXPRESSION", "JMESPath expression applied to the answer"),
    ("--region REGION", "namespace within the vault (AWS_REGION, else us-east-1)"),
    ("--profile NAME", "profile of config.toml (SECRETCTL_PROFILE)"),
    ("--vault DIR", "directory of the vault (SECRETCTL_VAULT)"),
    ("--color on|off|auto", "colors; auto on a terminal where NO_COLOR is not set"),
    ("--no-paginate", "one page only"),
    ("--no-cli-pager", "accepted; no pager is ever used"),
    ("--cli-binary-format base64|raw-in-base64-out", "how binary parameters are given"),
    ("--cli-error-format FORMAT", "errors as json, yaml, text or table (AWS_CLI_ERROR_FORMAT)"),
    ("--debug", "where in the program an error arose; never a value"),
    ("--version", "the version"),
    ("--help", "help of the command"),
)
