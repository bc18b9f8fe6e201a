"""Which request is at hand, and what its application was set up with."""

import pytest
from flask import Flask, current_app, request

from support.flask_browser import make_client
from userlink import ConfigurationError
from userlink_flask import RouteOptions
from userlink_flask._context import (
    Application,
    application_of,
    as_request,
    current_request,
    set_up,
)


def test_the_helpers_find_what_an_application_was_set_up_with() -> None:
    """Through the proxy of the current one too."""
    app = Flask("app")
    application = Application(make_client(), RouteOptions())
    set_up(app, application)

    assert application is application_of(app)
    with app.app_context():
        assert application is application_of(current_app)


def test_an_application_that_was_not_set_up_is_told_how() -> None:
    """The helpers cannot guess the client."""
    with pytest.raises(ConfigurationError, match="not set up") as refusal:
        application_of(Flask("app"))
    assert "init_app(app, client)" in refusal.value.hint


def test_a_request_is_found_behind_its_proxy() -> None:
    """What is no request of Flask's is None."""
    with Flask("app").test_request_context() as context:
        assert context.request is as_request(request)
        assert context.request is as_request(context.request)
        assert context.request is current_request()
        assert as_request(current_app) is None
    assert as_request("request") is None
    assert as_request(None) is None


def test_outside_of_requests_there_is_none_at_hand() -> None:
    """Flask says so."""
    with pytest.raises(RuntimeError, match="outside of request context"):
        current_request()
