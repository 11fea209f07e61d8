"""The command line: turns words into calls and answers into text."""
