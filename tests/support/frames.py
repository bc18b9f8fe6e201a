"""What error reporters see that send the variables of every frame along."""

import traceback
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import userlink

__all__ = ["assert_no_variable_shows", "chain_of", "variables_of"]

_TESTS = Path(__file__).parent.parent
_KIT = Path(userlink.__file__).parent / "testing"
# They hold the request itself, whatever the application is built on them with, and call us: so they stand above, and
# below those of our frames that are middleware.
_FRAMEWORKS = frozenset("starlette uvicorn flask werkzeug waitress asgiref".split())


def chain_of(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and all those behind it, whether a traceback would print them or not."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        each = waiting.pop()
        if each is not None and id(each) not in seen:
            seen.add(id(each))
            yield each
            waiting += (each.__cause__, each.__context__)
            if isinstance(each, BaseExceptionGroup):
                waiting += each.exceptions


def variables_of(error: BaseException) -> list[str]:
    """Return every variable, as text, in the frames of userlink and of the libraries under it, of the whole chain."""
    shown: list[str] = []
    for each in chain_of(error):
        frames = [frame for frame, _ in traceback.walk_tb(each.__traceback__)]
        if each is error:  # what comes before our first frame is the application's
            start = next((n for n, frame in enumerate(frames) if _is_ours(frame)), len(frames))
            frames = frames[start:]
        for frame in frames:
            shown += _shown(frame)
    return shown


def _shown(frame: FrameType) -> list[str]:
    path = Path(frame.f_code.co_filename)
    if path.is_relative_to(_TESTS) or path.is_relative_to(_KIT) or _room(frame) in _FRAMEWORKS:
        return []
    place = f"{frame.f_globals.get('__name__')}, {frame.f_code.co_name}:{frame.f_lineno}"
    return [f"{place}: {name} = {_text(value)}" for name, value in frame.f_locals.items()]


def _text(value: object) -> str:
    try:
        return repr(value)
    except Exception as error:  # noqa: BLE001  # as traceback has it
        return f"<no repr: {type(error).__name__}>"


def _is_ours(frame: FrameType) -> bool:
    is_kit = Path(frame.f_code.co_filename).is_relative_to(_KIT)
    return _room(frame).startswith("userlink") and not is_kit


def _room(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", "")).partition(".")[0]


def assert_no_variable_shows(error: BaseException, *secrets: str) -> None:
    """Search all of them for each secret."""
    assert any(_is_ours(frame) for frame, _ in traceback.walk_tb(error.__traceback__))
    assert not [text for text in variables_of(error) if any(secret in text for secret in secrets)]
