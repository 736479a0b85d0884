"""Alerts: what they watch, when they are evaluated, and how they decide.

Pure rules: the schedule of the processor and the preview of the query service share them, so that
both decide alike. Whoever uses them asks the questions (``questions.py``) and passes the answers.
"""
