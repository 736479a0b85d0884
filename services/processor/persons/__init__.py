"""Who events belong to: ids, persons, merges, properties, groups, deletion."""
