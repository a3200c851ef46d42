"""Per-node timers: the only importer of APScheduler."""
