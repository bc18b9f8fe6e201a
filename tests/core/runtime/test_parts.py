"""What a client was built with, on the way to its engine."""

from support.engine_parts import default_parts


def test_parts_show_neither_secrets_nor_stores() -> None:
    """A location may be a URL with a password in it."""
    parts = default_parts(
        secrets=[b"canary"], state_store="sql://canary@host", transaction_store="sql://canary@host"
    )

    assert "canary" not in repr(parts)
    assert "tenant.example.com" in repr(parts)
