"""Parameters of a request that starts something: few, small, and each given once."""

from collections import Counter
from collections.abc import Iterable
from urllib.parse import parse_qsl

__all__ = [
    "FORM_MEDIA_TYPE",
    "LARGEST_FORM_BYTES",
    "is_form",
    "read_parameters",
    "single_parameters",
]

FORM_MEDIA_TYPE = "application/x-www-form-urlencoded"
LARGEST_FORM_BYTES = 16_384  # a form that starts something holds a return_to and little else
_MOST_PARAMETERS = 64


def read_parameters(encoded: bytes) -> dict[str, str]:
    """Return the parameters of a query or form. One that is malformed, or holds far too many, holds none."""
    try:
        pairs = parse_qsl(
            encoded.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MOST_PARAMETERS,
        )
    except ValueError:
        return {}
    return single_parameters(pairs)


def is_form(content_type: str) -> bool:
    """Tell whether a body of this ``Content-Type`` is a form."""
    return content_type.partition(";")[0].strip().lower() == FORM_MEDIA_TYPE


def single_parameters(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return decoded parameters. What is given twice counts as not given: nobody can say which is meant."""
    given = list(pairs)
    if len(given) > _MOST_PARAMETERS:
        return {}
    times = Counter(name for name, _ in given)
    return {name: value for name, value in given if times[name] == 1}
