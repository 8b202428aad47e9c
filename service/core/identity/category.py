"""What kind of identity a refused name or value tells: the closed vocabulary of an error's ``category``.

Apart from the rules, because names, values and device ids each refuse in these words and none of them is above the
others.
"""

from typing import Literal

Category = Literal[
    "email", "phone", "name", "address", "government_id", "payment", "account", "credential", "network_id",
    "device_serial", "location", "date_of_birth", "url", "digest", "free_text", "other",
]  # fmt: skip
