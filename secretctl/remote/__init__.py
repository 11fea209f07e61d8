"""AWS's operations against a remote Secrets Manager: AWS's own, or whatever speaks its protocol."""
