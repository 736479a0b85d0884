"""Import files of events: rows become events of the project, each exactly once."""
