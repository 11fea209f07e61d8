"""The journal: records, their chain and ratchet, appending, verifying, asking."""
