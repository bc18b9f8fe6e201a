"""The blocking driver: performs the effects of a flow in the calling thread, and knows nothing of OIDC."""

from typing import TypeVar

from userlink.protocol.effects import Flow, Table

from .call import Call

__all__ = ["run"]

T = TypeVar("T")


def run(flow: Flow[T], table: Table, call: Call) -> T:
    """Run a flow to its end, and return its result or raise its error."""
    try:
        effect = next(flow)
        while True:
            try:
                answer = table[type(effect)](effect, call)
            except Exception as error:  # noqa: BLE001  # every failure is the flow's to handle
                effect = flow.throw(error)  # the flow may handle it, and shows in its traceback
            else:
                effect = flow.send(answer)
    except StopIteration as stop:
        result: T = stop.value
        return result
    finally:
        flow.close()
