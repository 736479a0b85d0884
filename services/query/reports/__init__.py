"""One report a module. A report plans, asks and shapes; it knows no HTTP."""
