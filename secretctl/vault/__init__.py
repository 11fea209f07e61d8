"""Header with unlock slots, keyring, records, transactions and check, over a store of blobs."""
