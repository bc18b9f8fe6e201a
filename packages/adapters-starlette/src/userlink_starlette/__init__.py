"""userlink for Starlette and FastAPI."""

from ._middleware import UserlinkMiddleware

__all__ = ["UserlinkMiddleware"]
