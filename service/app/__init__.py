"""Assembly: settings -> adapters -> use cases -> routes -> an ASGI application whose lifespan runs the loops.

The only room, with ``cli``, that imports settings and adapters. Nothing happens on import.

    house.py        everything that decides, assembled from a configuration
    counting.py     everything that counts: the store, the loops that speak to it, and their state
    application.py  the ASGI application over both
    reloading.py    sites and policy taken in anew while it runs
    serving.py      processes: one, or a parent with workers
"""

from service.app.application import POLICY_WARN_AGE_DAYS, Application
from service.app.house import House, assemble, read_configuration
from service.app.serving import ProtocolMaker, create_app, serve

__all__ = [
    "POLICY_WARN_AGE_DAYS", "Application", "House", "ProtocolMaker", "assemble", "create_app", "read_configuration",
    "serve",
]  # fmt: skip
