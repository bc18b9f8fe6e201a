"""The entry point: installing the package is enough for a client to understand Flask's requests."""

import subprocess
import sys
from importlib.metadata import entry_points

import pytest
from flask import Flask, Request, request
from werkzeug.test import EnvironBuilder

from support.flask_browser import make_client
from userlink import CookiesNotWritable
from userlink.web.waiting_cookies import PendingExchange
from userlink_flask import _plugin


def run(program: str) -> str:
    """Run a program in a Python of its own, and return what it prints."""
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120
    )
    return answer.stdout


def test_the_plugin_is_installed_under_the_group_userlink() -> None:
    """The entry point is named after the framework."""
    (installed,) = entry_points(group="userlink", name="flask")

    assert installed.load() is _plugin


def test_loading_the_plugin_loads_no_flask() -> None:
    """Every client loads it, also where another framework is served, or Flask is not there at all."""
    program = (
        "import sys; sys.modules['werkzeug'] = None\n"
        "from userlink_flask import _plugin\n"
        "assert _plugin.userlink_bind_exchange({'request': object()}) is None\n"
        "print('flask' in sys.modules)"
    )

    assert "False\n" == run(program)


def test_userlink_bind_exchange_answers_for_requests_of_flask() -> None:
    """And leaves everything else to others."""
    given = Request(EnvironBuilder().get_environ())

    assert isinstance(_plugin.userlink_bind_exchange({"request": given}), PendingExchange)
    assert _plugin.userlink_bind_exchange({"cookies": {}}) is None


def test_a_client_reads_and_refuses_to_lose_cookies() -> None:
    """With nothing but the request, nobody is signed in, and a start has nowhere to put its transaction."""
    with Flask("plain").test_request_context(), make_client() as client:
        assert client.get_user({"request": request}) is None
        with pytest.raises(CookiesNotWritable):
            client.start_interactive_login(None, {"request": request})
