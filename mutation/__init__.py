"""Whether the tests of ``protocol/`` notice when its code says something else."""
