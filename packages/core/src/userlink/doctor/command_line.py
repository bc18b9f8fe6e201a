"""The command line ``userlink``: one command so far, ``doctor``."""

import argparse
import os
import sys
from collections.abc import Sequence

from userlink.errors import UserlinkError

from .evidence import Evidence
from .findings import find, is_unsafe
from .gathering import gather
from .report import as_json, as_table
from .subject import NoSubject, Options, client_named, client_of

__all__ = ["main"]

_SAFE, _UNSAFE, _UNKNOWN = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Run a command; return the exit status: 1 when a configuration is unsafe, 2 when that could not be found out.

    Args:
        arguments: of the command line; None for those that the process was started with.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.client is None and not (options.domain and options.client_id):
        parser.error("doctor needs module:attribute of a client, or --domain and --client-id")
    try:
        evidence = _evidence(options)
    except NoSubject as error:
        sys.stderr.write(f"userlink doctor: {error}\n")
        return _UNKNOWN
    except UserlinkError as error:
        sys.stderr.write(f"userlink doctor: {error} {error.hint}\n")
        return _UNKNOWN
    findings = find(evidence)
    write = as_json if options.json else as_table
    sys.stdout.write(write(evidence.published.metadata.issuer, findings).rstrip("\n") + "\n")
    return _UNSAFE if is_unsafe(findings) else _SAFE


def _evidence(options: argparse.Namespace) -> Evidence:
    if options.client is not None:
        return gather(client_named(options.client))
    given = Options(options.domain, options.client_id, options.redirect_uri, options.dialect)
    client, has_own_secret = client_of(given, os.environ)
    with client:
        return gather(client, has_own_secret=has_own_secret)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="userlink", description="Server-side login and linking.")
    commands = parser.add_subparsers(dest="command", required=True)
    doctor = commands.add_parser(
        "doctor",
        help="tell which protections a configuration has at its provider",
        description="Tell which protections a configuration has at its provider, and what to change."
        " The exit status is 0 when nothing is unsafe, 1 when something is, 2 when that could not be found out."
        " Without a client, $USERLINK_CLIENT_SECRET and $USERLINK_SECRET are its secrets.",
    )
    doctor.add_argument(
        "client", nargs="?", help="module:attribute of a client, or of a function that makes one"
    )
    doctor.add_argument("--domain", default=os.environ.get("USERLINK_DOMAIN"))
    doctor.add_argument("--client-id", default=os.environ.get("USERLINK_CLIENT_ID"))
    doctor.add_argument("--redirect-uri", default=os.environ.get("USERLINK_REDIRECT_URI"))
    doctor.add_argument("--dialect", default=os.environ.get("USERLINK_DIALECT", "auth0"))
    doctor.add_argument("--json", action="store_true", help="print one JSON object")
    return parser
