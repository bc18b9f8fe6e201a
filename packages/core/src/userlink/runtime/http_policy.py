"""What holds for every request, whichever transport sends it: schemes, time-outs, sizes, no redirects."""

from math import isfinite

from attrs import evolve, frozen

from userlink.errors import ConfigurationError, ProviderUnreachable, UserlinkError
from userlink.plugins.hookspecs import BlockingTransport, Transport
from userlink.protocol.urls import is_secure_web_url
from userlink.protocol.values import HttpRequest, HttpResponse

from .seeing_through import seen_through

__all__ = ["HttpPolicy", "send", "send_blocking"]


@frozen
class HttpPolicy:
    """
    Limits of a request.

    Attributes:
        timeout_seconds: for the whole of it, from connecting to the last byte.
        most_bytes: of the answer's body. Discovery documents and key sets take 2 to 20 KiB.
        shielded: whether it is seen through although the task that asks is cancelled; threads never are.
    """

    timeout_seconds: float = 10.0
    most_bytes: int = 1_048_576
    shielded: bool = False

    def __attrs_post_init__(self) -> None:
        seconds: object = self.timeout_seconds
        is_number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
        if not is_number or not isfinite(self.timeout_seconds) or self.timeout_seconds <= 0:
            raise ConfigurationError(
                "The argument timeout_seconds is not a number of seconds above zero.",
                hint="Pass timeout_seconds as an int or a float.",
            )

    def within(self, timeout_seconds: float | None, *, shielded: bool = False) -> "HttpPolicy":
        """
        Return the policy of one request.

        Args:
            timeout_seconds: how long it may wait at the most; None for as long as any.
            shielded: whether it is seen through although the task that asks is cancelled.
        """
        policy = evolve(self, shielded=True) if shielded else self
        if timeout_seconds is None or timeout_seconds >= self.timeout_seconds:
            return policy
        return evolve(policy, timeout_seconds=timeout_seconds)


async def send(transport: Transport, policy: HttpPolicy, request: HttpRequest) -> HttpResponse:
    """
    Send a request under the policy.

    A redirect is handed back as the answer it is: a code or a secret is never sent on to where it points.

    Raises:
        ProviderUnreachable: when the URL is not allowed, or there is no usable answer in time.
    """
    from anyio import fail_after

    async def ask() -> HttpResponse:
        with fail_after(policy.timeout_seconds):
            return await transport.send(
                request, timeout_seconds=policy.timeout_seconds, most_bytes=policy.most_bytes
            )

    _check_url(request)
    try:
        response = await (seen_through(ask) if policy.shielded else ask())
    except Exception as error:  # noqa: BLE001  # each becomes one of ours
        raise _named(error, policy) from _cause(error)
    return _checked(response, policy)


def send_blocking(
    transport: BlockingTransport, policy: HttpPolicy, request: HttpRequest
) -> HttpResponse:
    """Send a request under the policy, as ``send()`` does; the transport alone sees to the time-out."""
    _check_url(request)
    try:
        response = transport.send(
            request, timeout_seconds=policy.timeout_seconds, most_bytes=policy.most_bytes
        )
    except Exception as error:  # noqa: BLE001  # each becomes one of ours
        raise _named(error, policy) from _cause(error)
    return _checked(response, policy)


def _check_url(request: HttpRequest) -> None:
    if not is_secure_web_url(request.url):
        raise ProviderUnreachable(
            "The provider named a URL that is neither https nor on this machine."
        )


def _named(error: Exception, policy: HttpPolicy) -> UserlinkError:
    if isinstance(error, UserlinkError):
        return error
    if isinstance(error, TimeoutError):
        return ProviderUnreachable(
            f"The provider did not answer within {policy.timeout_seconds:g} seconds."
        )
    return ProviderUnreachable(f"The transport failed ({type(error).__name__}).")


def _cause(error: Exception) -> BaseException | None:
    # Ours keep the cause they came with; a time-out has none that would say more.
    if isinstance(error, UserlinkError):
        return error.__cause__
    return None if isinstance(error, TimeoutError) else error


def _checked(response: HttpResponse, policy: HttpPolicy) -> HttpResponse:
    if len(response.body) > policy.most_bytes:
        raise ProviderUnreachable(
            f"The provider's answer is longer than {policy.most_bytes} bytes."
        )
    return response
