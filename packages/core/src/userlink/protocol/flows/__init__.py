"""Flows: the order of steps, each written once as a generator over effects. Every step is decided elsewhere."""
