"""AWS Signature Version 4, made and verified: pure, shared by whoever serves and whoever asks."""
