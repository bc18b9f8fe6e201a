"""
userlink for Starlette and FastAPI.

``add_userlink(app, client)`` is all that most applications need; ``require_user`` guards their own routes.
"""

from ._middleware import UserlinkMiddleware
from ._options import RouteOptions
from ._routes import userlink_routes
from ._setup import add_userlink, closing_client
from ._users import User, current_user, require_user, user_required

__all__ = [
    "RouteOptions",
    "User",
    "UserlinkMiddleware",
    "add_userlink",
    "closing_client",
    "current_user",
    "require_user",
    "user_required",
    "userlink_routes",
]
