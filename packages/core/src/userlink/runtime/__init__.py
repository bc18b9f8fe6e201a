"""The drivers and what they need: the only place where time passes."""
