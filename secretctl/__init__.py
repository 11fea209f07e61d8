"""A secrets manager on your own machine, with the commands of AWS Secrets Manager."""

__version__ = "0.1.0"
