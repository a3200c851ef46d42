"""HTTP and WebSocket for the consoles: the only importer of aiohttp.web."""
