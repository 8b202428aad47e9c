"""What the service says about itself: counts and times as metrics, and JSON log lines with an allow-list of fields.

Both are closed: a metric's labels come from route templates and status codes, a log line's fields from ``LogField``.
Neither can be handed a text of the client's. The numbers are plain dicts, so that counting a request costs half a
microsecond; prometheus-client renders them when somebody asks.
"""

import sys
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Literal, get_args

import orjson

if TYPE_CHECKING:
    from prometheus_client import Metric

Level = Literal["info", "warning", "error"]
LogField = Literal[
    "reason", "built_at", "database_type", "policy_version", "host", "port", "sites", "error", "where", "notice",
    "count", "pid", "mistakes", "settings", "redis_url", "not_permitted",
    "url", "seconds",
]  # fmt: skip
"""``redis_url`` is of our own redis-server, a socket: one that is configured may hold a password. ``url`` is ours."""
_LOG_FIELDS = frozenset(get_args(LogField))
_BAD_ENDINGS = ("_refused", "_failed")
BUCKETS_S = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)
FIRST_BUCKET_S = BUCKETS_S[0]


class Telemetry:
    """The counters of one worker and its log. ``now_s`` is seconds since 1970."""

    def __init__(self, now_s: Any = time.time, stream: Any = None) -> None:
        self._now_s = now_s
        self._stream = stream if stream is not None else sys.stderr
        # Of each route, method and status the number of answers by the time they took, and the sum of the times.
        self.answers: dict[tuple[str, str, int], list[float]] = {}
        self.gauges: dict[str, tuple[str, Any]] = {}
        self.counters: dict[str, tuple[str, str, Any]] = {}
        self.facts: dict[str, tuple[str, str, str]] = {}

    def record_response(self, route: str, method: str, status: int, seconds: float) -> None:
        """One request: the route's template, its method as the table has it, what was answered and how long it took."""
        times = self._times(route, method, status)
        times[bisect_left(BUCKETS_S, seconds)] += 1
        times[-1] += seconds

    def recorder(self, route: str, method: str) -> Callable[[int, float], None]:
        """``record_response`` for one route and method: 0.1 us for most answers, which take less than the first bound.

        What it looks up once stays: a row's times are never taken away.
        """
        of_status: dict[int, list[float]] = {}

        def record(status: int, seconds: float) -> None:
            times = of_status.get(status)
            if times is None:
                times = of_status[status] = self._times(route, method, status)
            times[0 if seconds <= FIRST_BUCKET_S else bisect_left(BUCKETS_S, seconds)] += 1
            times[-1] += seconds

        return record

    def _times(self, route: str, method: str, status: int) -> list[float]:
        times = self.answers.get((route, method, status))
        if times is None:
            times = self.answers[route, method, status] = [0.0] * (len(BUCKETS_S) + 2)
        return times

    def gauge(self, name: str, meaning: str, read: Any) -> None:
        """A number that is read when the metrics are; ``read()`` may return None for *unknown*."""
        self.gauges[name] = (meaning, read)

    def fact(self, name: str, meaning: str, label: str, value: str) -> None:
        """A word about the program itself, as Prometheus has such: a gauge that is always 1, with the word as label."""
        self.facts[name] = (meaning, label, value)

    def counter(self, name: str, meaning: str, read: Any, *, by: str = "") -> None:
        """A number that only grows, read when the metrics are; ``by`` a label, of a closed set, it is a mapping."""
        self.counters[name] = (meaning, by, read)

    def log(self, event: str, level: Level = "info", *, fields: Mapping[str, object] | None = None) -> None:
        """One JSON line. A field that is not on the list is a mistake in this program, so it raises ValueError.

        Where it cannot be written (a full disk, a reader that is gone, no standard error), the service goes on without.
        """
        fields = fields or {}
        if not fields.keys() <= _LOG_FIELDS:
            raise ValueError("a log line has a field that is not on the list")
        line = {"time": round(self._now_s(), 3), "level": level, "event": event, **fields}
        # Without standard error (`2>&-`) Python has no stream at all, and one that was closed raises ValueError.
        if self._stream is None:
            return
        with suppress(OSError, ValueError):
            self._stream.write(orjson.dumps(line, default=str).decode() + "\n")

    def log_adapter_event(self, name: str, fields: Mapping[str, object]) -> None:
        """What an adapter reports of itself: of its fields those that a log line may have; a failure as a warning."""
        allowed = {field: value for field, value in fields.items() if field in _LOG_FIELDS}
        self.log(name, "warning" if name.endswith(_BAD_ENDINGS) else "info", fields=allowed)

    def internal_error(self, error: BaseException) -> None:
        """An exception by its type and our own line. Never its message, which may repeat what a client sent."""
        where, frame = "unknown", error.__traceback__
        while frame is not None:
            module = str(frame.tb_frame.f_globals.get("__name__"))
            if where == "unknown" or module.partition(".")[0] == "service":
                where = f"{module}:{frame.tb_lineno}"
            frame = frame.tb_next
        self.log("internal_error", "error", fields={"error": type(error).__name__, "where": where})

    def exposition(self) -> tuple[bytes, str]:
        """All metrics as Prometheus reads them, with their media type."""
        # 40 ms that a start need not wait for.
        from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, CollectorRegistry, generate_latest  # noqa: PLC0415

        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Collector(self))
        return generate_latest(registry), CONTENT_TYPE_PLAIN_0_0_4


class _Collector:
    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry

    def collect(self) -> Iterator["Metric"]:
        from prometheus_client.core import (  # noqa: PLC0415
            CounterMetricFamily,
            GaugeMetricFamily,
            HistogramMetricFamily,
        )

        requests = CounterMetricFamily("passerby_requests", "Requests answered", labels=["route", "method", "status"])
        times = HistogramMetricFamily("passerby_request_seconds", "Time from head to answer", labels=["route"])
        bounds = [*map(str, BUCKETS_S), "+Inf"]
        by_route: dict[str, list[float]] = {}
        for (route, method, status), counts in self._telemetry.answers.items():
            requests.add_metric([route, method, str(status)], sum(counts[:-1]))
            before = by_route.get(route, [0.0] * len(counts))
            by_route[route] = [total + count for total, count in zip(before, counts, strict=True)]
        for route, counts in by_route.items():
            totals = accumulate(counts[:-1])
            times.add_metric([route], [*zip(bounds, totals, strict=True)], sum_value=counts[-1])
        yield requests
        yield times
        for name, (meaning, of, word) in self._telemetry.facts.items():
            family = GaugeMetricFamily(name, meaning, labels=[of])
            family.add_metric([word], 1)
            yield family
        for name, (meaning, read) in self._telemetry.gauges.items():
            value = read()
            if value is not None:
                yield GaugeMetricFamily(name, meaning, value=float(value))
        for name, (meaning, by, read) in self._telemetry.counters.items():
            totalled = CounterMetricFamily(name, meaning, labels=[by] if by else [])
            for label, value in read().items() if by else ((None, read()),):
                totalled.add_metric([] if label is None else [label], float(value))
            yield totalled
