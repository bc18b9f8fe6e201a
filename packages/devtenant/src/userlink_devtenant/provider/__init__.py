"""
The OAuth 2.0 and OpenID Connect server, built on Authlib's provider classes.

Authlib ships no type information, so this folder is the only place that imports it; what the rest
of the tenant calls is typed, and raises ``Refusal``.
"""
