"""The doors of the core: what it needs of the world, as Protocols. Adapters and shipped fakes stand behind each."""
