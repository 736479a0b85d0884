"""The gateway: its route table, and the nginx configuration made from it."""
