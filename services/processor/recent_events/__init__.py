"""Who did what recently, for conditions of feature flags."""
