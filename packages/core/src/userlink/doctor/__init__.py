"""
The room of ``userlink doctor``: which protections a configuration has at its provider, and which it lacks.

What is seen is gathered first (``gathering.py``, ``looking.py``), then judged by functions that see nothing else
(``*_findings.py``), then printed (``report.py``). Nothing in the library imports this room.
"""
