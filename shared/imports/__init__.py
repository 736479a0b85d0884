"""Files of events that were recorded elsewhere: their rows, and the events that rows become.

The query service shows what would become of rows, the processor stores them.
"""
