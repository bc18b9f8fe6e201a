"""What can be seen of an application from outside, and what a case makes of it."""

import pytest
from attrs import evolve

from support.weak_application import weak_application
from userlink.testing.hostile import ALL_CASES, HostileNetwork, Page
from userlink.testing.hostile.case import refused
from userlink.testing.hostile.credentials import Application
from userlink.testing.hostile.findings import BrokenSetup, NotApplicable, Weakness
from userlink.testing.hostile.stage import NOBODY, Snapshot, Stage, with_query

CASE = evolve(ALL_CASES[0], expected=refused("id_token_invalid"))


def redirecting(location: str, status: int = 303) -> Page:
    """Return a page that leads elsewhere."""
    return Page(status, (("location", location),), "")


@pytest.fixture
def bare(network: HostileNetwork) -> Stage:
    """Return a stage whose application is never asked."""
    network.reset()
    return Stage(Application("http://127.0.0.1:9", error_parameter="error"), network)


def test_a_user_signs_in_and_is_seen(network: HostileNetwork) -> None:
    """The profile names the sub, and its claims are kept for comparison."""
    network.reset()
    with weak_application()(network.credentials) as application:
        stage = Stage(application, network)
        browser = stage.signed_in()
        seen = stage.snapshot(browser)

        assert {"auth0|victim"} == seen.subjects
        assert isinstance(seen.claims, dict)
        stage.must_be_user(browser, "victim", "now")
        stage.must_see(browser, seen, "now")
        stage.must_be_nobody(stage.browser(), "now")
        with pytest.raises(Weakness, match=r"auth0\|victim is signed in, and nobody should be"):
            stage.must_be_nobody(browser, "now")
        with pytest.raises(Weakness, match="and should be nobody"):
            stage.must_see(browser, NOBODY, "now")
        with pytest.raises(Weakness, match=r"and should be auth0\|attacker"):
            stage.must_be_user(browser, "attacker", "now")
        with pytest.raises(Weakness, match="other claims than before"):
            stage.must_see(browser, Snapshot(seen.subjects, {}), "now")


def test_a_code_that_was_sent_is_noticed(network: HostileNetwork) -> None:
    """The provider remembers what its token endpoint was sent."""
    network.reset()
    with weak_application()(network.credentials) as application:
        stage = Stage(application, network)
        browser = stage.browser()
        callback = stage.callback_of(stage.start_login(browser), "victim")
        stage.must_not_have_sent(callback, "Before")
        browser.get(callback)

        with pytest.raises(Weakness, match="After: the code was sent to the token endpoint"):
            stage.must_not_have_sent(callback, "After")


def test_an_application_that_is_configured_wrongly_is_not_attacked(bare: Stage) -> None:
    """The report asks for the configuration instead of calling it weak."""
    with pytest.raises(BrokenSetup, match="status 0 and no redirect to http://127"):
        bare.signed_in()


def test_an_application_that_lets_nobody_in_is_not_attacked(network: HostileNetwork) -> None:
    """Every refusal would look like a good one."""
    network.reset()
    with (
        weak_application("no RS256")(network.credentials) as application,
        pytest.raises(BrokenSetup, match=r"names nobody, and not auth0\|victim"),
    ):
        Stage(application, network).signed_in()


def test_a_route_that_is_not_there_makes_a_case_not_applicable(bare: Stage) -> None:
    """Not every application links."""
    stage = evolve(bare, application=Application("http://x", link=None, unlink=None))
    with pytest.raises(NotApplicable, match="link"):
        stage.start_link(stage.browser())
    with pytest.raises(NotApplicable, match="unlink"):
        stage.start_unlink(stage.browser())


def test_a_refusal_neither_crashes_nor_goes_on(bare: Stage) -> None:
    """And it names the right error, where it names one."""
    bare.must_be_refusal(redirecting("/?error=id_token_invalid"), CASE, "It")
    with pytest.raises(Weakness, match="status 500: the application crashed"):
        bare.must_be_refusal(Page(500, (), ""), CASE, "It")
    with pytest.raises(Weakness, match="went on to the provider"):
        bare.must_be_refusal(redirecting(f"{bare.provider.issuer}/authorize"), CASE, "It")
    with pytest.raises(Weakness, match="the error 'other'; expected was 'id_token_invalid'"):
        bare.must_be_refusal(redirecting("/?error=other"), CASE, "It")
    with pytest.raises(Weakness, match="the error 'none'"):
        bare.must_be_refusal(redirecting("/"), CASE, "It")


def test_a_provider_that_fails_may_be_called_a_bad_gateway(bare: Stage) -> None:
    """RFC 9110, 15.6.3; only where the case says so."""
    page = redirecting("/?error=id_token_invalid", 502)
    allowing = evolve(CASE, expected=refused(may_be_5xx=True))
    bare.must_be_refusal(page, allowing, "It")
    with pytest.raises(Weakness, match="crashed"):
        bare.must_be_refusal(page, CASE, "It")


def test_the_kind_of_a_refusal_may_be_private(bare: Stage) -> None:
    """An application of which it is not known is not asked for it."""
    stage = evolve(bare, application=Application("http://x"))

    assert stage.kind_of(redirecting("/?error=other")) is None
    stage.must_be_refusal(redirecting("/?error=other"), CASE, "It")


def test_what_trips_is_named(bare: Stage) -> None:
    """With method and path."""
    bare.must_not_have_tripped()
    bare.tripwire.requests.append("GET /jwks.json")
    with pytest.raises(Weakness, match=r"was sent: GET /jwks\.json"):
        bare.must_not_have_tripped()
    bare.network.reset()


def test_paths_may_have_their_connection_in_the_query() -> None:
    """Then further parameters follow an ampersand."""
    assert "/link?c=x&a=b" == with_query("/link?c=x", "a=b")
    assert "/login?a=b" == with_query("/login", "a=b")
    assert "/login" == with_query("/login", "")
