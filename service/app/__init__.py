"""Assembly: settings -> adapters -> use cases -> routes -> an ASGI application whose lifespan runs the loops.

The only room, with ``cli``, that imports settings; ``audit`` and ``attacks`` import adapters too. Nothing happens on
import.

    assembly.py     everything that decides, assembled from a configuration
    counting.py     everything that counts: the store, the loops that speak to it, and their state
    application.py  the ASGI application over both
    metrics_listener.py  what of it is for who operates it
    ending.py       that the end was asked for, by a signal or by closing the terminal
    privacy_facts.py  what it does with visits, as plain values
    reloading.py    sites and policy taken in anew while it runs
    listening.py    the sockets that it listens on
    serving.py      the service in this process, or with workers
    workers.py      what looks after them
    log_redaction.py  what libraries say when something breaks, without what a client sent
"""

from service.app.application import Application
from service.app.assembly import Container, assemble, read_configuration
from service.app.privacy_facts import POLICY_WARN_AGE_DAYS
from service.app.serving import create_app, serve

__all__ = [
    "POLICY_WARN_AGE_DAYS", "Application", "Container", "assemble", "create_app", "read_configuration", "serve",
]  # fmt: skip
