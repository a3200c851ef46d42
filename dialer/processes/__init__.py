"""One module a process, each with its own bootstrap."""
