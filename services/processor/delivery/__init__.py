"""Deliver messages to channels: the outbox, the sender, and what each kind of channel is sent."""
