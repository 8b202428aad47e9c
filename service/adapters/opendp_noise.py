"""Noise from OpenDP: discrete Laplace over whole numbers, sampled exactly.

A floating-point Laplace has holes through which counts can be read back (Mironov 2012, "On significance of the least
significant bits for differential privacy"). OpenDP draws integers with exact arithmetic from the system's randomness
(Canonne, Kamath and Steinke 2020, "The discrete Gaussian for differential privacy", algorithm 2), in a library that
others have reviewed. It is loaded at the first draw: 0.1 s and 15 MB that only the worker who releases pays.
"""

from collections.abc import Callable, Sequence

_SCALES_KEPT_MAX = 64


class OpendpNoise:
    """``ports.Noise``. Some 6 us a number, most of it outside Python's lock. Safe for several threads."""

    def __init__(self) -> None:
        self._by_scale: dict[float, Callable[[list[int]], list[int]]] = {}

    def draw(self, scales: Sequence[float]) -> list[int]:
        """One integer each from the discrete Laplace distribution with that scale; 0 for a scale of 0.

        Raises ValueError for a scale that is negative or no finite number.
        """
        if not all(0 <= scale < float("inf") for scale in scales):
            raise ValueError("a scale is a finite number, 0 or more")
        drawn = {scale: iter(self._measurement(scale)([0] * scales.count(scale))) for scale in {*scales} if scale > 0}
        return [next(drawn[scale]) if scale > 0 else 0 for scale in scales]

    def _measurement(self, scale: float) -> Callable[[list[int]], list[int]]:
        measurement = self._by_scale.get(scale)
        if measurement is None:
            if len(self._by_scale) >= _SCALES_KEPT_MAX:
                self._by_scale.clear()
            measurement = self._by_scale[scale] = _laplace(scale)
        return measurement


def _laplace(scale: float) -> Callable[[list[int]], list[int]]:
    """What adds noise of one scale to each of a list of integers."""
    from opendp.domains import atom_domain, vector_domain  # noqa: PLC0415  # only who releases needs it
    from opendp.measurements import make_laplace  # noqa: PLC0415
    from opendp.metrics import l1_distance  # noqa: PLC0415
    from opendp.mod import enable_features  # noqa: PLC0415

    # OpenDP wants to be told that one knows: not each of its constructors has been through all of its own vetting.
    enable_features("contrib")
    noisy: Callable[[list[int]], list[int]] = make_laplace(
        vector_domain(atom_domain(T="i64")), l1_distance(T="i64"), scale=scale
    )
    return noisy
