"""Options of a reauthentication, and the link or unlink that is to follow it."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from attrs import fields, frozen

from userlink.errors import InvalidOption

from .freshness import Freshness
from .options import LinkOptions, Options, UnlinkOptions, check_app_state
from .params import AuthorizationParams, check_authorization_params

__all__ = ["ReauthenticationOptions", "ReauthenticationOptionsLike", "options_to_go_on"]


@frozen
class ReauthenticationOptions(Options):
    """
    Options of ``start_reauthentication()``.

    Attributes:
        link: the link to go on with: ``LinkOptions``, or a dict of them; or None.
        unlink: the unlink to go on with, likewise.
        app_state: what the completion gives back; None for that of the link or unlink.
        authorization_params: parameters of the authorization request; they override the client's, key by key.
        acr_values: the classes of authentication that will do, besides what the link or unlink asks; None for all.
    """

    link: LinkOptions | Mapping[str, Any] | None = None
    unlink: UnlinkOptions | Mapping[str, Any] | None = None
    app_state: Mapping[str, Any] | None = None
    authorization_params: AuthorizationParams | None = None
    acr_values: str | Sequence[str] | None = None

    def __attrs_post_init__(self) -> None:
        check_app_state(self.app_state)
        _ = self.freshness, self.next_step

    @property
    def freshness(self) -> Freshness:
        """What ``acr_values`` ask for."""
        return Freshness.asked(None, self.acr_values)

    @property
    def next_step(self) -> LinkOptions | UnlinkOptions | None:
        """
        The link or unlink to go on with, or None.

        Raises:
            InvalidOption: when there are both, or the options of one are wrong.
        """
        if self.link is None:
            return None if self.unlink is None else UnlinkOptions.read(self.unlink)
        if self.unlink is None:
            return LinkOptions.read(self.link)
        raise InvalidOption(
            "The options link and unlink are given at once.", hint="Go on with one of them."
        )


def options_to_go_on(step: LinkOptions | UnlinkOptions) -> dict[str, dict[str, Any]]:
    """
    Return the options of a reauthentication that goes on with this link or unlink, as JSON can hold them.

    ``{"link": {"connection": "github"}}`` for ``LinkOptions("github")``.

    Raises:
        ConfigurationError: when the ``authorization_params`` are wrong.
    """
    values = {each.name: getattr(step, each.name) for each in fields(type(step))}
    given = {name: value for name, value in values.items() if value is not None}
    if "authorization_params" in given:
        given["authorization_params"] = check_authorization_params(given["authorization_params"])
    return {"link" if isinstance(step, LinkOptions) else "unlink": given}


ReauthenticationOptionsLike: TypeAlias = ReauthenticationOptions | Mapping[str, Any] | None
