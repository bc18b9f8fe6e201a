"""
What type checkers know of the client: checked by mypy and pyright, never run.

Each ignore below marks a misuse that must be refused; both checkers report an ignore that is not
needed, so a misuse that slips through fails here.
"""

from collections.abc import Mapping
from typing import Any, assert_type

from userlink import (
    AccessToken,
    CallbackResult,
    ConnectionTokenOptions,
    LinkOptions,
    LinkResult,
    LoginResult,
    LogoutResult,
    ReauthenticationResult,
    ServerClient,
    SessionData,
    SyncServerClient,
    UnlinkResult,
)


async def answers_have_their_types(client: ServerClient, url: str) -> None:
    """Each method answers with its own type, and ``complete_callback`` with one of three."""
    store_options = {"request": object(), "response": object()}

    assert_type(await client.start_link_user(LinkOptions(connection="github")), str)
    assert_type(await client.start_unlink_user({"connection": "github"}, store_options), str)
    assert_type(await client.complete_interactive_login(url), LoginResult)
    assert_type(await client.complete_link_user(url, store_options), LinkResult)
    assert_type(await client.complete_unlink_user(url, store_options=store_options), UnlinkResult)
    assert_type(await client.start_reauthentication(), str)
    assert_type(await client.complete_reauthentication(url), ReauthenticationResult)
    assert_type(await client.get_user(store_options), Mapping[str, Any] | None)
    assert_type(await client.get_session(store_options), SessionData | None)
    assert_type(
        await client.get_access_token_for_connection(ConnectionTokenOptions("github")), AccessToken
    )
    assert_type(await client.logout(), str)
    assert_type(await client.complete_logout(url, store_options), LogoutResult)
    assert_type(await client.handle_backchannel_logout("token"), None)


async def a_callback_is_told_apart_by_its_class(client: ServerClient, url: str) -> str:
    """After the other kinds, only a login is left, which has no connection."""
    result: CallbackResult = await client.complete_callback(url)
    if isinstance(result, LinkResult | UnlinkResult):
        return result.connection
    if isinstance(result, ReauthenticationResult):
        return result.redirect_to or ""
    assert_type(result, LoginResult)
    result.connection  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    return ""


async def a_client_is_its_own_context_manager() -> None:
    """``async with`` binds the client itself."""
    async with ServerClient(domain="tenant.example.com", client_id="app") as client:
        assert_type(client, ServerClient)


def the_blocking_client_answers_by_the_same_types(client: SyncServerClient, url: str) -> None:
    """Nothing is awaited."""
    with client as entered:
        assert_type(entered, SyncServerClient)
    assert_type(client.start_link_user(LinkOptions(connection="github")), str)
    assert_type(client.complete_interactive_login(url), LoginResult)
    assert_type(client.complete_link_user(url, {"cookies": {}}), LinkResult)
    assert_type(client.complete_unlink_user(url, store_options={}), UnlinkResult)
    assert_type(client.complete_callback(url), CallbackResult)
    assert_type(client.get_user(), Mapping[str, Any] | None)
    assert_type(client.get_session(), SessionData | None)
    assert_type(client.get_access_token_for_connection({"connection": "github"}), AccessToken)
    assert_type(client.logout(), str)
    SyncServerClient("tenant.example.com")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    SyncServerClient(domian="tenant.example.com")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def misuse_is_refused(client: ServerClient, session: SessionData) -> None:
    """What fails at run time, or goes unnoticed there, is refused before."""
    ServerClient("tenant.example.com")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    ServerClient(domian="tenant.example.com")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    LinkOptions(conection="github")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    session.subject = "somebody-else"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    await client.complete_link_user()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.get_user()  # type: ignore[unused-coroutine]  # pyright: ignore[reportUnusedCoroutine]
