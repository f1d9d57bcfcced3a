"""Processes that end with their parent, and the server they are forked from."""
