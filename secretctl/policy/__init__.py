"""Policies: their grammar, evaluation, and what explains it. Pure: no input, no output."""
