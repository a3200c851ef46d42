"""The gate: facts in, Allowed or Refusal out. Pure."""
