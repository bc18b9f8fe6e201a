"""How the ready-made routes answer."""

from flask import Flask, Response

from userlink_flask._answers import keep_private, redirect, show


def test_a_redirect_is_followed_by_get() -> None:
    """303 turns the POST that started a link into a GET at the provider."""
    with Flask("app").app_context():
        answer = redirect("https://tenant.example/authorize?a=b%20c&d=e%2Ff")

    assert (303, b"") == (answer.status_code, answer.get_data())
    assert "https://tenant.example/authorize?a=b%20c&d=e%2Ff" == answer.location


def test_redirects_and_claims_are_responses_of_the_application() -> None:
    """Its own class may do more to each."""

    class Own(Response):
        pass

    app = Flask("app")
    app.response_class = Own
    with app.app_context():
        assert isinstance(redirect("/"), Own)
        assert isinstance(show({}), Own)


def test_private_answers_overrule_what_the_application_said() -> None:
    """The address of a callback holds a code: no cache and no other site shall learn it (RFC 9700, 4.2.4)."""
    shared = Response("x", headers={"Cache-Control": "public", "X-Kept": "1"})
    answer = keep_private(shared)

    assert ["no-store"] == answer.headers.getlist("Cache-Control")
    assert "no-referrer" == answer.headers["Referrer-Policy"]
    assert "1" == answer.headers["X-Kept"]
    assert "public" == shared.headers["Cache-Control"]


def test_claims_are_shown_whatever_json_can_say() -> None:
    """Half of a surrogate pair, which JSON may hold and UTF-8 may not, is escaped (RFC 8259, 8.2)."""
    with Flask("app").app_context():
        answer = show({"name": "A\ud800", "city": "\u4eac"}, 200)

    assert b'{"name":"A\\ud800","city":"\\u4eac"}\n' == answer.get_data()
    assert "application/json" == answer.mimetype
