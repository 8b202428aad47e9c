"""The kinds of identity that a refused name or value tells: the closed vocabulary of an error's ``category``."""

from typing import Literal

Category = Literal[
    "email", "phone", "name", "address", "government_id", "payment", "account", "credential", "network_id",
    "device_serial", "location", "date_of_birth", "url", "digest", "free_text", "other",
]  # fmt: skip
