"""Settings, the embedded database, wiring, running the server."""
