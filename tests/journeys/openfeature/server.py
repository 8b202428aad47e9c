"""A backend in Python asks what to show a visit: pip install openfeature-sdk openfeature-provider-ofrep."""

import sys

from openfeature import api
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext

url = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8080"
api.set_provider_and_wait(OFREPProvider(url))
client = api.get_client()

# An opaque random id that your site gave the device, and what its request shows. Never who the visitor is.
device_id = "7d9f0c9e-5a34-4e0b-9b0e-6f0c9a3f8f11"
visit = EvaluationContext(device_id, {"country": "CH", "acceptLanguage": "fr-CH,fr;q=0.9"})

for flag, default in {"language": "en", "front": "app", "hero": "a"}.items():
    told = client.get_string_details(flag, default, visit)
    print(flag, told.value, told.reason, told.flag_metadata.get("reason"))
