"""The tenant as an object: starting, looking inside, and starting over."""

import httpx
import pytest

import userlink_devtenant
from devtenant.relying_party import REDIRECT_URI, RelyingParty
from userlink_devtenant import (
    Account,
    Client,
    Connection,
    DevTenant,
    TenantConfig,
    TenantConfigError,
    TenantNotRunning,
    User,
)
from userlink_devtenant.browser import TenantBrowser

EVERYWHERE = "0.0.0.0"  # noqa: S104 - that this is refused is what the tests are about


def test_a_tenant_of_ones_own(http: httpx.Client) -> None:
    """Users, connections and clients are the caller's."""
    config = TenantConfig(
        users=[User("ada", password="her own")],
        connections=[Connection("forge", accounts=[Account("1", "ada-forges")])],
        clients=[Client("app", "secret", [REDIRECT_URI])],
    )
    with DevTenant(config).running() as tenant, TenantBrowser(tenant.issuer) as browser:
        app = RelyingParty(tenant, browser, http, "app", "secret")
        browser.password = "her own"
        hint = app.log_in("ada")["id_token"]
        browser.open(app.start_link(hint, "forge").url)
        browser.choose_account("ada-forges")

        assert "auth0|ada" == app.claims(hint)["sub"]
        assert ["ada", "1"] == [i.user_id for i in tenant.identities_of("ada")]


def test_the_tenants_password_does_not_open_a_user_who_has_another(http: httpx.Client) -> None:
    """The user's own counts."""
    config = TenantConfig(
        [User("ada", password="her own")], clients=[Client("app", "s", [REDIRECT_URI])]
    )
    with DevTenant(config).running() as tenant, TenantBrowser(tenant.issuer) as browser:
        browser.open(RelyingParty(tenant, browser, http, "app", "s").start().url)

        assert 401 == browser.sign_in_and_stay("ada").status


def test_the_issuer_is_known_while_it_runs() -> None:
    """Before and after there is none."""
    tenant = DevTenant(TenantConfig([User("a")]))
    with pytest.raises(TenantNotRunning, match="running"):
        _ = tenant.issuer
    with tenant.running():
        issuer = tenant.issuer
    with pytest.raises(TenantNotRunning):
        _ = tenant.issuer

    assert issuer.startswith("http://127.0.0.1:")
    with pytest.raises(httpx.ConnectError):
        httpx.get(issuer, trust_env=False)


def test_a_tenant_can_be_started_again() -> None:
    """What it knew is still there."""
    tenant = DevTenant()
    with tenant.running():
        tenant.add_client(Client("later", "s", [REDIRECT_URI]))
    with tenant.running():
        assert 200 == httpx.get(tenant.issuer, trust_env=False).status_code


def test_a_running_tenant_cannot_be_started(devtenant: DevTenant) -> None:
    """It has one address."""
    with pytest.raises(TenantConfigError, match="running already"):
        devtenant.start()


@pytest.mark.parametrize("host", [EVERYWHERE, "192.0.2.1", "example.com", "::"])
def test_a_host_that_others_can_reach_is_refused(host: str) -> None:
    """The flag's name says what is given up."""
    with (
        pytest.raises(TenantConfigError, match="--expose-insecure-tenant-to-the-network"),
        DevTenant(TenantConfig([User("a")])).running(host=host),
    ):
        raise AssertionError("started")


def test_the_danger_can_be_named_and_accepted() -> None:
    """As in a container."""
    tenant = DevTenant(TenantConfig([User("a")]))
    with tenant.running(host=EVERYWHERE, expose_insecure_tenant_to_the_network=True):
        port = tenant.issuer.rstrip("/").rpartition(":")[2]

        assert 200 == httpx.get(f"http://127.0.0.1:{port}/", trust_env=False).status_code


def test_a_port_that_is_taken_is_named(devtenant: DevTenant) -> None:
    """With a way out."""
    port = int(devtenant.issuer.rstrip("/").rpartition(":")[2])

    with pytest.raises(TenantConfigError, match=f"port {port}.*something else.*--port"):
        DevTenant(TenantConfig([User("a")])).start(port)


def test_a_port_that_cannot_be_is_refused() -> None:
    """Ports end at 65535."""
    with pytest.raises(TenantConfigError, match="70000"):
        DevTenant(TenantConfig([User("a")])).start(70000)


def test_requests_under_another_host_name_are_refused(
    devtenant: DevTenant, http: httpx.Client
) -> None:
    """A web page that points its own name at this machine (DNS rebinding) gets nowhere."""
    answer = http.get(devtenant.issuer, headers={"Host": "evil.example"})

    assert 400 == answer.status_code


def test_what_clients_sent_can_be_looked_at(rp: RelyingParty) -> None:
    """Secrets included; but not in a repr."""
    rp.log_in("alice")

    [request] = rp.tenant.requests_to("/oauth/token")
    assert "POST" == request.method
    assert "authorization_code" == request.form["grant_type"]
    assert request.authorization is not None
    assert request.authorization.startswith("Basic ")
    assert request.form["code"] not in repr(request)
    assert request.authorization not in repr(request)
    assert "/authorize" == rp.tenant.requests[0].path
    assert rp.client_id == rp.tenant.requests[0].query["client_id"]


def test_a_reset_forgets_what_happened(rp: RelyingParty) -> None:
    """Sessions, tokens, links, clients, lifetimes, clock and log."""
    tokens = rp.log_in("alice")
    rp.browser.open(rp.start_link(tokens["id_token"]).url)
    rp.browser.choose_account("alice-codes")
    rp.tenant.add_client(Client("passing", "s", [REDIRECT_URI]))
    rp.tenant.set_lifetimes(id_token_seconds=1)
    rp.tenant.advance_clock(1000)

    rp.tenant.reset()

    assert [] == rp.tenant.requests
    assert 1 == len(rp.tenant.identities_of("alice"))
    assert 400 == rp.refresh(tokens["refresh_token"]).status_code
    assert "login_required" == rp.refused(rp.start(prompt="none"))["error"]
    rp.browser.open(rp.start(client_id="passing").url)
    assert rp.browser.page is not None
    assert "not registered" in rp.browser.page.text
    claims = rp.claims(rp.log_in("alice")["id_token"])
    assert claims["iat"] + 3600 == claims["exp"]


def test_a_client_can_be_replaced(rp: RelyingParty) -> None:
    """A test's own port becomes known late."""
    uri = "http://127.0.0.1:54321/callback"
    rp.tenant.add_client(Client(rp.client_id, "another secret", [uri]))
    own = RelyingParty(rp.tenant, rp.browser, rp.http, rp.client_id, "another secret")

    started = own.start(redirect_uri=uri)
    rp.browser.open(started.url)

    assert 200 == own.redeem(rp.browser.sign_in("alice"), started).status_code


def test_an_unknown_user_has_no_identities(devtenant: DevTenant) -> None:
    """It is a mistake of the test, and said."""
    with pytest.raises(LookupError, match="'nobody'"):
        devtenant.identities_of("nobody")


def test_the_front_page_shows_what_there_is(rp: RelyingParty) -> None:
    """Users with their identities, connections, clients; and what the tenant is not for."""
    rp.browser.open(rp.tenant.issuer)

    page = rp.browser.page
    assert page is not None
    for words in ("Alice Example", "github: bob-builds", "GitHub", "userlink-demo", REDIRECT_URI):
        assert words in page.text
    assert "not for production" in page.text
    assert "userlink-demo-secret" not in page.text


def test_every_public_name_is_there() -> None:
    """Names are looked up when first asked for, and each is found; others are not."""
    for name in userlink_devtenant.__all__:
        assert name == getattr(userlink_devtenant, name).__name__
        assert name in dir(userlink_devtenant)
    assert sorted(userlink_devtenant.__all__) == userlink_devtenant.__all__
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = userlink_devtenant.Nothing
