"""The life of one attempt: states, moves and what each event does. Pure."""
