"""Helpers of the tests, imported as ``support``: pytest puts the folder ``tests`` on the path."""
