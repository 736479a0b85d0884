"""One module per protocol. Each turns a body into events under their canonical field names."""
