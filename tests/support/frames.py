"""What error reporters see that send the variables of every frame along."""

import traceback
from pathlib import Path

import userlink

__all__ = ["assert_no_variable_shows", "variables_of"]

_PACKAGE = Path(userlink.__file__).parent


def variables_of(error: BaseException) -> list[str]:
    """Return every variable in the frames of userlink that an error came through, its causes' too, as text."""
    shown: list[str] = []
    seen: traceback.TracebackException | None = traceback.TracebackException.from_exception(
        error, capture_locals=True
    )
    while seen is not None:
        for frame in seen.stack:
            path = Path(frame.filename)
            if path.is_relative_to(_PACKAGE) and not path.is_relative_to(_PACKAGE / "testing"):
                place = f"{path.relative_to(_PACKAGE)}, {frame.name}"
                shown += [
                    f"{place}: {name} = {text}" for name, text in (frame.locals or {}).items()
                ]
        seen = seen.__cause__
    return shown


def assert_no_variable_shows(error: BaseException, *secrets: str) -> None:
    """Search all of them for each secret."""
    variables = variables_of(error)

    assert variables
    assert not [text for text in variables if any(secret in text for secret in secrets)]
