"""Who did what of late, for conditions of feature flags."""
