"""Assembly: settings -> adapters -> use cases -> routes -> an ASGI application whose lifespan runs the loops.

The only room, with ``cli``, that imports settings; adapters are imported by ``proof`` too. Nothing happens on import.

    house.py        everything that decides, assembled from a configuration
    counting.py     everything that counts: the store, the loops that speak to it, and their state
    application.py  the ASGI application over both
    metrics_listener.py  what of it is for who operates it
    ending.py       that the end was asked for
    privacy_facts.py  what it does with visits, as plain values
    reloading.py    sites and policy taken in anew while it runs
    listening.py    the sockets that it listens on
    serving.py      processes: one, or a parent with workers
    last_words.py   what libraries say when something breaks, without what a client sent
    terminal.py     whether the service ends with the terminal it was begun in
"""

from service.app.application import Application
from service.app.house import House, assemble, read_configuration
from service.app.privacy_facts import POLICY_WARN_AGE_DAYS
from service.app.serving import ProtocolMaker, create_app, serve

__all__ = [
    "POLICY_WARN_AGE_DAYS", "Application", "House", "ProtocolMaker", "assemble", "create_app",
    "read_configuration", "serve",
]  # fmt: skip
