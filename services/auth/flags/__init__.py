"""Feature flags as members define them; ``services/flags`` evaluates them."""
