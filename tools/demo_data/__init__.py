"""Sample projects: a quarter of a web shop, a SaaS product and a game, sent as apps send events."""
