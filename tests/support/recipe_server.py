"""
The application of a how-to page, served over HTTP; run as a program by tests.

It executes what readers of the page see, and nothing else, as the module ``application``. Its arguments are the page,
the issuer of the tenant and the origin to write in the place of the page's own; it prints the port it listens on.
"""

import socket
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from support import pages

__all__ = ["PAGE_ORIGIN", "SECRET"]

PAGE_ORIGIN = "http://localhost:3000"
SECRET = "a secret of the recipes, and of nothing else"


def load(page: Path, domain: str, origin: str) -> ModuleType:
    """Execute the blocks of a page in a module that can be imported."""
    module = ModuleType("application")
    sys.modules[module.__name__] = module
    vars(module).update(domain=domain, app_secret=SECRET)
    for block in pages.visible_blocks(page):
        exec(compile(block.replace(PAGE_ORIGIN, origin), page.name, "exec"), vars(module))  # noqa: S102 - our own page
    return module


def serve(framework: str, app: Any, listener: socket.socket) -> None:
    """Serve until the process is killed, with a server that goes with the framework."""
    if framework == "django":
        import waitress

        waitress.serve(app, sockets=[listener])
    elif framework == "aiohttp":
        from aiohttp import web

        web.run_app(app, sock=listener, print=None)
    else:
        import uvicorn

        uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listener])


def main(page: Path, domain: str, origin: str) -> None:
    """Load and serve."""
    app = vars(load(page, domain, origin))["app"]
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    serve(page.stem, app, listener)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
