"""One report per module: parse a request into a plan, and run the plan, without HTTP."""
