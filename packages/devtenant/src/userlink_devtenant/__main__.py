"""The command line: ``userlink-devtenant --port 9000``."""

import argparse
import logging
import signal
import sys
import threading
from collections.abc import Sequence

from .config import TenantConfig
from .errors import TenantConfigError
from .tenant import DevTenant

__all__ = ["main"]

BANNER = """\
+----------------------------------------------------------------------+
|  DEVELOPMENT TENANT - NOT FOR PRODUCTION                             |
|  Anybody who reaches it can sign in as everybody; it forgets all     |
|  when it stops.                                                      |
+----------------------------------------------------------------------+"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the tenant until it is interrupted; return the exit status."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        config = TenantConfig.from_toml(options.config) if options.config else None
        tenant = DevTenant(config)
        tenant.start(
            options.port,
            options.host,
            expose_insecure_tenant_to_the_network=options.expose_insecure_tenant_to_the_network,
        )
    except TenantConfigError as error:
        print(f"userlink-devtenant: {error}", file=sys.stderr)
        return 2
    try:
        _introduce(tenant)
        _wait()
    finally:
        tenant.stop()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="userlink-devtenant",
        description="An OpenID Provider for development and tests. Not for production.",
    )
    parser.add_argument("--port", type=int, default=9000, help="0 takes a free one (default: 9000)")
    parser.add_argument("--host", default="127.0.0.1", help="default: 127.0.0.1")
    parser.add_argument("--config", metavar="FILE", help="users, connections and clients (TOML)")
    parser.add_argument(
        "--expose-insecure-tenant-to-the-network",
        action="store_true",
        help="allow a --host that other machines can reach: they can sign in as anybody",
    )
    return parser


def _introduce(tenant: DevTenant) -> None:
    config = tenant.config
    print(BANNER)
    print(f"Issuer:   {tenant.issuer}")
    print(f"Users:    {', '.join(u.username for u in config.users)} (password: {config.password})")
    print(f"Connect:  {', '.join(c.name for c in config.connections) or 'none'}")
    print(f"Clients:  {', '.join(c.client_id for c in config.clients) or 'none'}")
    print("Stop it with Ctrl+C.", flush=True)


def _wait() -> None:
    """Sleep until Ctrl+C or SIGTERM."""
    stopped = threading.Event()

    def stop(*_: object) -> None:
        stopped.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    stopped.wait()


if __name__ == "__main__":
    sys.exit(main())
