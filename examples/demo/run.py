"""
Start the development tenant and the demo application on this machine.

``python examples/demo/run.py`` serves both until Ctrl+C; with ``--check`` it walks the whole journey over HTTP,
prints each step, and exits with 1 if any is off. ``nox -s demo`` installs what it needs first.
"""

import argparse
import logging
import socket
import sys
from collections.abc import Sequence

from attrs import evolve
from check import check
from pages import Site
from serving import FRAMEWORKS, in_background

from userlink_devtenant import Client, DevTenant, TenantConfig, TenantConfigError

CLIENT_ID = "userlink-demo"
CLIENT_SECRET = "userlink-demo-secret-for-development-only"


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, run what it asks for, and return the exit status."""
    parser = argparse.ArgumentParser(description="Run the userlink demo on loopback.")
    parser.add_argument("--check", action="store_true", help="walk the journey headless and exit")
    parser.add_argument(
        "--framework", choices=FRAMEWORKS, default="starlette", help="default: starlette"
    )
    parser.add_argument("--port", type=int, default=3000, help="of the application (default: 3000)")
    parser.add_argument("--tenant-port", type=int, default=9000, help="default: 9000")
    options = parser.parse_args(arguments)
    if options.check:  # any free ports do, and a demo may be running beside
        options.port = options.tenant_port = 0
    logging.getLogger("werkzeug").setLevel(logging.WARNING)

    say("Starting the development tenant…")
    listener = listen(options.port, "--port")
    app_url = f"http://localhost:{listener.getsockname()[1]}"
    tenant = DevTenant(tenant_config(app_url))
    try:
        tenant.start(options.tenant_port)
    except TenantConfigError as error:
        raise SystemExit(f"{error} Choose another port with --tenant-port.") from None
    try:
        say(f"Starting the application, on {options.framework.capitalize()}…")
        github = f"{tenant.issuer}github/user"  # at GitHub itself, https://api.github.com/user
        site = Site(tenant.issuer, CLIENT_ID, CLIENT_SECRET, app_url, tenant.config, github)
        server = FRAMEWORKS[options.framework](site, listener)
        if options.check:
            with in_background(server):
                return 0 if check(app_url, tenant) else 1
        introduce(app_url, tenant)
        server.run()
        return 0
    finally:
        tenant.stop()


def tenant_config(app_url: str) -> TenantConfig:
    """Return the tenant's default configuration with this application as its client."""
    client = Client(
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        name="userlink demo",
        redirect_uris=(f"{app_url}/auth/callback",),
        post_logout_redirect_uris=(f"{app_url}/?done=signed_out",),
    )
    return evolve(TenantConfig.default(), clients=(client,))


def listen(port: int, option: str) -> socket.socket:
    """Listen on a loopback port before anything else starts, so that its number is known."""
    # Named as TCP, so that asyncio sends small answers at once instead of collecting them.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        raise SystemExit(f"Port {port} is taken ({error}); choose another with {option}.") from None
    return listener


def introduce(app_url: str, tenant: DevTenant) -> None:
    """Say where everything is."""
    config = tenant.config
    say("")
    say(f"  The application   {app_url}")
    say(f"  Its provider      {tenant.issuer}   (the development tenant: not for production)")
    say(f"  Test users        {', '.join(user.username for user in config.users)}")
    say(f"  Their password    {config.password}")
    say("")
    say("Open the application, sign in, and press Link GitHub. Ctrl+C stops both.")


def say(text: str) -> None:
    """Print at once, also into a pipe."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
