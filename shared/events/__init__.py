"""Define what travels in the stream and what is counted: envelopes, outcomes, dimensions."""
