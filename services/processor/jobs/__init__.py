"""Define background jobs: the tasks, their schedule, locks and progress."""
