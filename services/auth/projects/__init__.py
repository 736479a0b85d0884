"""Projects: their settings, keys and sources, the policies published of them, deletion."""
