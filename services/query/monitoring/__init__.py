"""The state of the installation, as the query service sees it."""
