"""What holds for every answer of the tenant."""

import httpx
import pytest

from devtenant.relying_party import problem
from userlink_devtenant import DevTenant


@pytest.mark.parametrize("path", ["", "nowhere", "oauth/token", "static/style.css", "userinfo"])
def test_every_answer_has_the_security_headers(
    devtenant: DevTenant, http: httpx.Client, path: str
) -> None:
    """Errors, pages and files alike."""
    headers = http.get(devtenant.issuer + path).headers

    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "DENY" == headers["X-Frame-Options"]
    assert "nosniff" == headers["X-Content-Type-Options"]
    assert "no-referrer" == headers["Referrer-Policy"]


def test_an_unknown_path_is_answered_with_a_page(devtenant: DevTenant, http: httpx.Client) -> None:
    """It says what the tenant is not for, as every page does."""
    answer = http.get(f"{devtenant.issuer}nowhere")

    assert 404 == answer.status_code
    assert "not for production" in answer.text


def test_an_unknown_path_of_the_api_is_answered_with_json(
    devtenant: DevTenant, http: httpx.Client
) -> None:
    """Clients do not read pages."""
    assert (404, "invalid_request") == problem(http.get(f"{devtenant.issuer}oauth/nowhere"))


def test_a_body_that_is_too_large_is_refused(devtenant: DevTenant, http: httpx.Client) -> None:
    """No request of these protocols needs 64 kB."""
    answer = http.post(f"{devtenant.issuer}oauth/token", data={"grant_type": "x" * 70_000})

    assert (413, "invalid_request") == problem(answer)


def test_the_paths_of_the_tenant_do_not_redirect_elsewhere(
    devtenant: DevTenant, http: httpx.Client
) -> None:
    """A path that looks like a host stays a path."""
    assert 404 == http.get(f"{devtenant.issuer}/evil.example/").status_code
