"""Who is signed in."""

from ..effects import Flow, LoadSession, Now, TouchSession
from ..session import Session
from ..settings import ClientSettings

__all__ = ["get_session"]

# Rolling the idle time at every request would write at every request; one write in a twentieth of it will do.
_TOUCHES_PER_IDLE_TIME = 20


def get_session(settings: ClientSettings) -> Flow[Session | None]:
    """Return the live session, its idle time rolled on if some of it has passed; None when nobody is signed in."""
    session = yield from LoadSession()
    if session is None:
        return None
    now = yield from Now()
    if session.expires_at <= now:
        return None
    idle = settings.session_idle_seconds
    if session.idle_expires_at - now < idle - idle // _TOUCHES_PER_IDLE_TIME:
        session = session.touched(now, idle)
        yield from TouchSession(session)
    return session
