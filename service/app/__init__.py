"""Assembly: settings -> adapters -> use cases -> routes -> an ASGI application whose lifespan runs the loops.

The only room, with ``cli``, that imports settings; ``audit`` and ``attacks`` import adapters too. Nothing happens on
import.

    assembly.py          every part of the service, made from a configuration
    counting.py          the parts that count: the store, the loops that speak to it, and their state
    application.py       the ASGI application over both, and its loops
    reloading.py         sites and policy read anew while it runs
    privacy_facts.py     what a deployment does with visits, as plain values
    serving.py           the service in one process, or with workers
    workers.py           the processes of the workers
    listening.py         the sockets of the service
    metrics_listener.py  /metrics, on a socket of its own
    ending.py            the end of a process, by a signal or by closing the terminal
    log_redaction.py     logs of libraries, without anything that a client sent
"""

from service.app.application import Application
from service.app.assembly import Container, assemble, read_configuration
from service.app.privacy_facts import POLICY_WARN_AGE_DAYS
from service.app.serving import create_app, serve

__all__ = [
    "POLICY_WARN_AGE_DAYS", "Application", "Container", "assemble", "create_app", "read_configuration", "serve",
]  # fmt: skip
