"""Sealing, key derivation and keyed hashes. The only room that imports ``cryptography``."""
