"""Public routes of the processor, for owners of the installation."""
