"""Secrets handed to programs: references, names of variables, execution."""
