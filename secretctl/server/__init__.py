"""The HTTP face: AWS's Secrets Manager protocol over the one door."""
