"""How a failed flow is told to the page that the user is sent to: by a code in its address."""

from urllib.parse import parse_qsl, urlencode

__all__ = ["ERROR_PARAMETER", "has_error_code", "with_error_code", "without_error_code"]

ERROR_PARAMETER = "userlink_error"


def has_error_code(query: str) -> bool:
    """Tell whether a query holds the code of an error."""
    return any(_is_error_code(part) for part in query.split("&"))


def with_error_code(url: str, code: str) -> str:
    """Add an error's code to an address, in the place of an earlier one."""
    address, hash_sign, fragment = without_error_code(url).partition("#")
    separator = "&" if "?" in address else "?"
    return f"{address}{separator}{urlencode({ERROR_PARAMETER: code})}{hash_sign}{fragment}"


def without_error_code(url: str) -> str:
    """Take the code of an earlier error from an address, and leave the rest as it is."""
    rest, hash_sign, fragment = url.partition("#")
    address, _, query = rest.partition("?")
    kept = "&".join(part for part in query.split("&") if part and not _is_error_code(part))
    return f"{address}{'?' if kept else ''}{kept}{hash_sign}{fragment}"


def _is_error_code(part: str) -> bool:
    return any(name == ERROR_PARAMETER for name, _ in parse_qsl(part, keep_blank_values=True))
