"""Why a store did not do what was asked of it, in words that say what to look at and repeat nothing of a URL."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from service.ports import StoreErrorKind

WORDS: Mapping["StoreErrorKind", str] = {
    "connection": "nothing answers there",
    "tls": "it and the URL do not agree on TLS (rediss:// or redis://), or its certificate is not trusted "
    "(ssl_ca_certs)",
    "timeout": "it does not answer in time",
    "authentication": "it does not know this user or password",
    "permission": "this user may not do all that is asked for",
    "read_only": "it takes no writes: a replica, or a server that may not",
    "out_of_memory": "its memory is full",
    "loading": "it is not ready yet: loading, or without a master; try again",
    "clock": "its clock and ours are more than an hour apart",
    "other": "what answers there is no Redis that this understands",
}
"""Of every kind. Where ``permission`` is the kind, a command can say more: which right it wants."""
