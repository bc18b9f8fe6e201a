"""PURE: no I/O, no clock, no randomness, no framework, no logging. The same inputs give the same outputs, always."""
