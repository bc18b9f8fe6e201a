"""What a link is good for: GitHub's API, called in the user's name with the token of their own account there."""

from collections.abc import Mapping
from typing import Any

import httpx

from userlink import AccessToken, UserlinkError

CONNECTION = "github"
FAILURES = (UserlinkError, httpx.HTTPError)


def is_linked(user: Mapping[str, Any]) -> bool:
    """Tell whether the user has an account there."""
    identities: list[Mapping[str, Any]] = user.get("identities", [])
    return any(identity["connection"] == CONNECTION for identity in identities)


def request_for(api_url: str, token: AccessToken) -> httpx.Request:
    """Build the request for the user's account (RFC 6750, 2.1)."""
    return httpx.Request("GET", api_url, headers={"authorization": f"Bearer {token.access_token}"})


def sentence_of(answer: httpx.Response) -> str:
    """Say what GitHub says."""
    account = answer.raise_for_status().json()
    return f"you are {account['login']}, with {account['public_repos']} public repositories."


def apology_for(error: Exception) -> str:
    """Say that it could not be asked; what a program needs is in the log."""
    code = error.code if isinstance(error, UserlinkError) else "no answer"
    return f"nothing today ({code})."
