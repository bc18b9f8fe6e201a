"""
Where a browser goes when it is given an address: the origin, by the URL Standard's parser.

It follows the states of https://url.spec.whatwg.org/#concept-basic-url-parser as far as they decide the origin, for
a base address of scheme http or https. It shares no code and no library with what it is used to judge.
"""

import re
import unicodedata
from urllib.parse import unquote

__all__ = ["origin_reached"]

_DEFAULT_PORTS = {"http": "80", "https": "443", "ws": "80", "wss": "443", "ftp": "21"}
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):")
_FORBIDDEN_IN_HOSTS = set("\0\t\n\r #/:<>?@[\\]^|%\x7f") | {chr(code) for code in range(0x20)}
_FULL_STOPS = str.maketrans(dict.fromkeys("\u3002\uff0e\uff61", "."))


def origin_reached(address: str, base: str) -> str | None:
    """
    Return the origin of an address on a page of ``base``, an origin such as ``https://app.example``.

    None means that a browser reaches no http(s) origin: the address is invalid, or a script, or a file.
    """
    base_scheme = base.partition(":")[0]
    text = address.strip("".join(map(chr, range(0x21))))
    text = re.sub(r"[\t\n\r]", "", text)
    scheme = _SCHEME.match(text)
    if scheme is None:
        return _relative(text, base, base_scheme)
    name, rest = scheme[1].lower(), text[scheme.end() :]
    if name not in _DEFAULT_PORTS:
        return None
    if name == base_scheme and not rest.startswith("//"):
        return _relative(rest, base, base_scheme)  # "https:evil" is a path on https pages
    return _authority(name, rest.lstrip("/\\"))


def _relative(text: str, base: str, base_scheme: str) -> str | None:
    if text[:1] in ("/", "\\") and text[1:2] in ("/", "\\") and len(text) > 1:
        return _authority(base_scheme, text.lstrip("/\\"))
    return base


def _authority(scheme: str, text: str) -> str | None:
    authority = re.split(r"[/\\?#]", text, maxsplit=1)[0]
    host, port = _host_and_port(authority.rpartition("@")[2])
    if host is None or re.fullmatch(r"\d*", port, re.ASCII) is None:
        return None
    if port and int(port) > 65_535:
        return None
    port = str(int(port)) if port else _DEFAULT_PORTS[scheme]
    shown = "" if port == _DEFAULT_PORTS[scheme] else f":{port}"
    return f"{scheme}://{host}{shown}"


def _host_and_port(text: str) -> tuple[str | None, str]:
    if text.startswith("["):
        host, bracket, rest = text.partition("]")
        port = rest.removeprefix(":")
        is_written_well = bracket and (not rest or rest.startswith(":"))
        return (f"{host.lower()}]" if is_written_well else None), port
    raw, _, port = text.partition(":")
    # UTS 46 maps compatibility characters and full stops before anything is looked up.
    host = unicodedata.normalize("NFKC", unquote(raw).translate(_FULL_STOPS)).lower()
    if not host or _FORBIDDEN_IN_HOSTS & set(host):
        return None, port
    return host, port
