"""
The front door: each session installs what it needs and runs one kind of check.

``nox`` runs the default sessions; ``nox -s tests -- tests/core/protocol -k callback`` passes the
rest to pytest; ``nox -l`` lists everything.
"""

import os
import shutil
import ssl
import subprocess
from pathlib import Path

import nox
from nox.command import CommandFailed

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "uv"
nox.options.reuse_venv = "yes"
nox.options.download_python = "never"
# Tests come last, so that the last lines of the output are pytest's.
nox.options.sessions = ["lint", "types", "docs", "tests"]

ROOT = Path(__file__).parent
PACKAGES = sorted(
    str(path.parent.relative_to(ROOT)) for path in ROOT.glob("packages/*/pyproject.toml")
)
PYTHONS = ["3.11", "3.12", "3.13", "3.14"]
OLDEST_NODE = 20
PURE_TESTS = ["tests/core/protocol", "tests/core/flows"]

# Trust the certificates that the machine trusts, as pip does: behind a proxy there are no others.
_store = ssl.get_default_verify_paths().capath
if _store is not None and any(Path(_store).iterdir()):
    os.environ.setdefault("UV_SYSTEM_CERTS", "1")


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, format and the import contracts; ``-- --fix`` repairs what ruff can."""
    install(session, "lint")
    if "--fix" in session.posargs:
        session.run("ruff", "check", "--fix", ".")
        session.run("ruff", "format", ".")
    else:
        session.run("ruff", "check", ".")
        session.run("ruff", "format", "--check", ".")
    session.run("lint-imports", "--no-cache")


@nox.session
def types(session: nox.Session) -> None:
    """Check types with mypy and pyright, both strict."""
    install(session, "types")
    session.run("mypy", *[f"{package}/src" for package in PACKAGES], "tests")
    session.run("pyright")


@nox.session
def docs(session: nox.Session) -> None:
    """Execute every Python block of README.md and docs/."""
    install(session, "docs")
    session.run("pytest", "tests/architecture/test_docs.py", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests on the Python that runs nox; arguments after ``--`` go to pytest."""
    run_tests(session)


@nox.session(python=PYTHONS)
def tests_all(session: nox.Session) -> None:
    """Run the tests on every supported Python that is installed."""
    run_tests(session)


@nox.session
def demo(session: nox.Session) -> None:
    """Start the development tenant and an example application; ``-- --check`` walks it headless."""
    install(session, "demo", silent=False)
    session.run("python", "examples/demo/run.py", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Print what each operation costs, as a ratio to a bare implementation of the same work."""
    install(session, "bench")
    session.run("python", "-m", "benchmarks.run", *session.posargs)


@nox.session
def fuzz(session: nox.Session) -> None:
    """Fuzz what reads hostile input for some minutes; ``-- --seconds 3600`` for longer."""
    install(session, "fuzz")
    session.run("python", "-m", "fuzz.run", *session.posargs)


@nox.session
def mutate(session: nox.Session) -> None:
    """Change protocol/ in every small way, and see whether its tests notice; arguments are names of modules."""
    install(session, "tests", "mutation")
    session.run("python", "-m", "mutation.run", *session.posargs)


@nox.session
def build(session: nox.Session) -> None:
    """Build every wheel, install them into a clean environment, and run them from there."""
    wheels = Path(session.create_tmp()) / "wheels"
    shutil.rmtree(wheels, ignore_errors=True)
    for package in PACKAGES:
        session.run("uv", "build", "--quiet", "--wheel", "--out-dir", str(wheels), package)
    session.install("-c", "constraints.txt", "--reinstall", *map(str, sorted(wheels.glob("*.whl"))))
    session.run("python", "tests/packaging/check_installed.py")


@nox.session(venv_backend="uv")
def constraints(session: nox.Session) -> None:
    """Pin the newest versions of everything into constraints.txt, for every supported Python."""
    manifests = [f"{package}/pyproject.toml" for package in PACKAGES]
    names = [nox.project.load_toml(manifest)["project"]["name"] for manifest in manifests]
    session.run(
        *("uv", "pip", "compile", "--universal", "--python-version", PYTHONS[0], "--upgrade"),
        *("--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"),
        *("--quiet", "--group", "dev", "--output-file", "constraints.txt"),
        *[argument for name in names for argument in ("--no-emit-package", name)],
        *manifests,
    )


def run_tests(session: nox.Session) -> None:
    """Run pytest: everything, the pure core's branch coverage first, unless told what to run."""
    install(session, "tests", *(["node"] if needs_node() else []))
    if session.posargs:
        session.run("pytest", *session.posargs)
        return
    is_covered = covers_the_protocol(session)
    session.run("pytest")
    if not is_covered:
        session.error("the tests of protocol/ and of the flows fail, or leave a branch of it out")


def covers_the_protocol(session: nox.Session) -> bool:
    """Tell whether its own tests, and those of the flows, cover every branch of protocol/."""
    measured = {"COVERAGE_FILE": str(Path(session.create_tmp()) / "coverage")}
    try:
        session.run("coverage", "run", "-m", "pytest", "--quiet", *PURE_TESTS, env=measured)
        session.run(
            *("coverage", "report", "--fail-under=100", "--include=*/userlink/protocol/*"),
            env=measured,
        )
    except CommandFailed:
        return False
    return True


def install(session: nox.Session, *groups: str, silent: bool = True) -> None:
    """Install all packages of the workspace, editable, with the groups, at pinned versions."""
    session.install(
        *("-c", "constraints.txt"),
        *[argument for package in PACKAGES for argument in ("-e", package)],
        *[argument for group in groups for argument in ("--group", group)],
        silent=silent,
    )


def needs_node() -> bool:
    """
    Tell whether a packaged Node.js must be installed for the certified provider.

    That is so where the machine has no npm, or no Node.js that is new enough, and where nothing may
    be skipped: a test of the packaged one is skipped elsewhere.
    """
    node = shutil.which("node")
    if os.environ.get("USERLINK_REQUIRE_ALL") == "1" or node is None or shutil.which("npm") is None:
        return True
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    major = answer.stdout.strip().removeprefix("v").partition(".")[0]
    return not (major.isdigit() and int(major) >= OLDEST_NODE)
