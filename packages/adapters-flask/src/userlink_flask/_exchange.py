"""A Flask request, and the response that will leave, as userlink sees them."""

from werkzeug.wrappers import Response

from userlink import StoreOptions
from userlink.plugins.cookie_header import parse_cookie_header
from userlink.web.waiting_cookies import PendingExchange

from ._context import as_request
from ._pending import find

__all__ = ["USER_KEY", "bind_flask"]

USER_KEY = "userlink_flask.user"


def bind_flask(store_options: StoreOptions) -> PendingExchange | None:
    """Return the exchange of store options that hold a Flask request, or the proxy of one; None for others."""
    request = as_request(store_options.get("request"))
    if request is None:
        return None
    # Whatever the client is asked now may change who is signed in.
    request.environ.pop(USER_KEY, None)
    response: object = store_options.get("response")
    return PendingExchange(
        parse_cookie_header(request.headers.getlist("Cookie")),
        find(request, response if isinstance(response, Response) else None),
    )
