"""An example of an experiment's results, apart from those of visits: what it is made of stands beside it."""

from collections.abc import Mapping

import msgspec

from service.core.caveats import notes
from service.web.openapi_example import Example

RELEASED: Mapping[str, int] = {
    "all|exposed:hero:a": 1000,
    "all|exposed:hero:b": 1010,
    "all|converted:hero:a": 200,
    "all|converted:hero:b": 240,
}
"""What every interval of the example's window released."""

COUNT_EXAMPLES: dict[str, Example] = {
    "results": Example(
        operation="countExperiment",
        summary="Two hours of two variants",
        path="/v1/sites/demo/experiments/hero?window=2h",
        status=200,
        answer={
            "site": "demo",
            "window": "2h",
            "from": "2024-10-04T10:00:00Z",
            "to": "2024-10-04T12:00:00Z",
            "release_minutes": 60,
            "intervals": 2,
            "intervals_released": 2,
            "k": 100,
            "k_prefixes": 20,
            "epsilon": 1.0,
            "noise": "on",
            "noise_scales": {"exposed": 1.0, "converted": 1.0},
            "terms_differ": False,
            "experiment": "hero",
            "status": "running",
            "variants": [
                {
                    "variant": "a",
                    "weight": 0.5,
                    "exposures": {"count": 2000, "suppressed": False, "intervals": 2},
                    "conversions": {"count": 400, "suppressed": False, "intervals": 2},
                    "rate": {"value": 0.2, "low": 0.182948, "high": 0.218203, "intervals": 2},
                    "lift": None,
                    "probability_to_beat_control": None,
                    "clipped": 0,
                },
                {
                    "variant": "b",
                    "weight": 0.5,
                    "exposures": {"count": 2020, "suppressed": False, "intervals": 2},
                    "conversions": {"count": 480, "suppressed": False, "intervals": 2},
                    "rate": {"value": 0.237624, "low": 0.219473, "high": 0.25677, "intervals": 2},
                    "lift": {"value": 0.188119, "low": 0.047835, "high": 0.328403, "intervals": 2},
                    "probability_to_beat_control": 0.995709,
                    "clipped": 0,
                },
            ],
            "sample_ratio_test": {
                "p_value": 0.752647,
                "chi_square": 0.099321,
                "mismatch": False,
                "intervals": 2,
                "method": "counts",
            },
            "warnings": [],
            "notes": [*msgspec.to_builtins(notes(1))],
        },
    ),
}
