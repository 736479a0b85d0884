"""Define a project's ingest policy and look it up by API key."""
