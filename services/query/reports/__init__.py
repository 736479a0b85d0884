"""One report a module: parse a request into a plan, run the plan. A report knows no HTTP."""
