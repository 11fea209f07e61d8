"""The API as data, and the plain functions that read it."""
