"""How many calls to place now, never whom. Pure."""
