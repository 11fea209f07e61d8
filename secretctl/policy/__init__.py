"""Policies as documents: pure, no input or output."""
