"""Developer tools: lock files, Node.js, OpenAPI documents, security and compose checks."""
