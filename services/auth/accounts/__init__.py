"""Accounts: registering, logging in with a password, a second factor or a provider, managing."""
