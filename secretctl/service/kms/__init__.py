"""KMS: the keys that secrets are encrypted under, their aliases and grants."""
