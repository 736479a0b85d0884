"""The services. They never import each other; they meet in Redis, PostgreSQL and over HTTP."""
