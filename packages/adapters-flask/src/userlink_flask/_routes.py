"""Ready-made routes: GET to sign in and to come back, POST for whatever a foreign page might want to trigger."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from flask import Blueprint, Flask, Request, abort, current_app
from flask.sansio.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import MethodNotAllowed

from userlink import (
    ConfigurationError,
    ReauthenticationRequired,
    RequestOriginRefused,
    SyncServerClient,
    TransactionAlreadyUsed,
    UserlinkError,
)
from userlink.web.backchannel import (
    FAILED_LOGOUT_STATUS,
    LARGEST_LOGOUT_BYTES,
    failed_logout,
    logout_token_of,
)
from userlink.web.route_options import METHODS, RouteName
from userlink.web.route_rules import RouteRules, log_level

from ._answers import keep_private, redirect, show
from ._context import current_request
from ._options import Answer, RouteOptions
from ._parameters import form_parameters, posted_form, query_parameters
from ._pending import install

__all__ = ["userlink_blueprint"]

_logger = logging.getLogger("userlink.flask")
Outcome = TypeVar("Outcome")


def userlink_blueprint(
    client: SyncServerClient, options: RouteOptions | None = None, name: str = "userlink"
) -> Blueprint:
    """
    Return a blueprint with login, callback, link, unlink, logout, profile and back-channel logout.

    ``Userlink`` registers one; use this to register it yourself, or another one for a second client. Any application
    it is registered with puts the cookies of userlink on whichever response leaves.

    Args:
        client: whose flows the routes run.
        options: paths, limits and hooks.
        name: of the blueprint, for ``url_for()``.

    Raises:
        ConfigurationError: when the client has no ``redirect_uri``, or a path is not one for Flask.
    """
    return _Routes(client, RouteOptions() if options is None else options).blueprint(name)


class _Routes:
    """The views of one client."""

    def __init__(self, client: SyncServerClient, options: RouteOptions) -> None:
        self._client = client
        self._options = options
        self._rules = RouteRules.of(client.settings, options)
        warning = self._rules.warning()
        if warning is not None:
            _logger.warning("%s", warning)

    def blueprint(self, name: str) -> Blueprint:
        """Return a blueprint with the routes that are not left out."""
        views: Mapping[RouteName, Callable[..., ResponseReturnValue]] = {
            "login": self.login,
            "callback": self.callback,
            "link": self.link,
            "unlink": self.unlink,
            "logout": self.logout,
            "logged_out": self.logged_out,
            "profile": self.profile,
            "backchannel_logout": self.backchannel_logout,
        }
        blueprint = Blueprint(name, __name__)
        blueprint.record(_install)
        blueprint.after_request(keep_private)
        for route, view in views.items():
            path = self._options.path(route)
            if path is not None:
                blueprint.add_url_rule(
                    _rule(path),
                    self._options.endpoint(route),
                    view,
                    methods=[METHODS[route]],
                    provide_automatic_options=False,
                )
        return blueprint

    def login(self) -> ResponseReturnValue:
        """Send the browser to the provider to sign in."""
        _refuse_head()
        options = self._rules.login(query_parameters(current_request()))
        start = self._client.start_interactive_login
        return self._start(options.app_state, lambda: start(options, _at_hand()))

    def link(self, connection: str) -> ResponseReturnValue:
        """Send the browser to the provider to link a connection."""
        self._check_origin()
        self._check_connection(connection)
        options = self._rules.link(connection, form_parameters(current_request()))
        start = self._client.start_link_user
        return self._start(options.app_state, lambda: start(options, _at_hand()))

    def unlink(self, connection: str) -> ResponseReturnValue:
        """Send the browser to the provider to unlink a connection."""
        self._check_origin()
        self._check_connection(connection)
        options = self._rules.unlink(connection, form_parameters(current_request()))
        start = self._client.start_unlink_user
        return self._start(options.app_state, lambda: start(options, _at_hand()))

    def callback(self) -> ResponseReturnValue:
        """Complete whichever flow the browser comes back from."""
        _refuse_head()
        try:
            result = self._client.complete_callback(_query_at_hand(), _at_hand())
        except TransactionAlreadyUsed as error:
            return redirect(self._rules.return_to(error.app_state))
        except UserlinkError as error:
            return self._failed(error)
        next_url = self._rules.next_url(result)
        if next_url is not None:
            return redirect(next_url)
        answer = _ask(self._options.on_success, result)
        return redirect(self._rules.return_to(result.app_state)) if answer is None else answer

    def logout(self) -> ResponseReturnValue:
        """End the session here, and send the browser to the provider to end it there."""
        self._check_origin()
        options = self._rules.logout(form_parameters(current_request()))
        try:
            return redirect(self._client.logout(options, _at_hand()))
        except UserlinkError as error:
            return self._failed(error)

    def logged_out(self) -> ResponseReturnValue:
        """Send the browser on that comes back from the provider's logout."""
        _refuse_head()
        if not self._rules.is_return_from_logout(query_parameters(current_request())):
            return redirect(self._rules.return_to(None))
        try:
            result = self._client.complete_logout(_query_at_hand(), _at_hand())
        except TransactionAlreadyUsed as error:
            return redirect(self._rules.return_to(error.app_state))
        except UserlinkError as error:
            return self._failed(error)
        return redirect(self._rules.return_to(result.app_state))

    def profile(self) -> ResponseReturnValue:
        """Return the claims of the signed-in user as JSON."""
        try:
            user = self._client.get_user(_at_hand())
        except UserlinkError as error:
            _log(error)
            return show({"error": error.code}, 503)
        return show({"error": "session_required"}, 401) if user is None else show(user)

    def backchannel_logout(self) -> ResponseReturnValue:
        """End sessions because the provider says so."""
        try:
            self._client.handle_backchannel_logout(_posted_logout_token(), _at_hand())
        except UserlinkError as error:
            _log(error)
            return show(failed_logout(error), FAILED_LOGOUT_STATUS)
        return current_app.response_class()

    def _start(
        self, app_state: Mapping[str, Any] | None, start: Callable[[], str]
    ) -> ResponseReturnValue:
        try:
            return redirect(self._begun(start))
        except UserlinkError as error:
            error.app_state = app_state
            return self._failed(error)

    def _begun(self, start: Callable[[], str]) -> str:
        try:
            return start()
        except ReauthenticationRequired as error:  # the callback goes on from there
            return self._client.start_reauthentication(error.options, _at_hand())

    def _check_origin(self) -> None:
        try:
            self._rules.check_origin(_headers("Origin"), _headers("Sec-Fetch-Site"))
        except RequestOriginRefused as error:
            _log(error)
            abort(403, str(error))

    def _check_connection(self, connection: str) -> None:
        if not self._options.allows_connection(connection):
            abort(404)

    def _failed(self, error: UserlinkError) -> ResponseReturnValue:
        _log(error)
        answer = _ask(self._options.on_error, error)
        return redirect(self._rules.failure_url(error)) if answer is None else answer


def _rule(path: str) -> str:
    if "<" in path or ">" in path:
        raise ConfigurationError(
            f"The path {path!r} is not one for Flask.",
            hint="The only parameter of a path is {connection}.",
        )
    return path.replace("{connection}", "<connection>")


def _install(state: BlueprintSetupState) -> None:
    if isinstance(state.app, Flask):
        install(state.app)


# The request is in no variable here: error reporters show what is in a frame, and a request of Flask shows its address.


def _at_hand() -> dict[str, object]:
    return {"request": current_request()}


def _headers(name: str) -> list[str]:
    return current_request().headers.getlist(name)


def _query_at_hand() -> str:
    # Only the query counts: the host of the URL is what the request's headers claim it to be.
    return f"/?{current_request().query_string.decode('latin-1')}"


def _posted_logout_token() -> str:
    return logout_token_of(posted_form(current_request(), LARGEST_LOGOUT_BYTES))


def _refuse_head() -> None:
    # Werkzeug adds HEAD to every GET route; a link checker must neither start a flow nor use one up.
    if current_request().method != "GET":
        raise MethodNotAllowed(["GET"])


def _ask(
    hook: Callable[[Request, Outcome], Awaitable[Answer] | Answer] | None, outcome: Outcome
) -> Answer:
    answer: Answer = None
    if hook is not None:
        answer = current_app.ensure_sync(hook)(current_request(), outcome)
    return answer


def _log(error: UserlinkError) -> None:
    # The message is ours and holds no secret; what the provider wrote is not in it.
    level = logging.getLevelNamesMapping()[log_level(error)]
    _logger.log(level, "%s: %s", error.code, error)
