"""How Tidemark is put together and run; nothing in here is imported by a service."""
