"""The search tree of a MaxMind DB file, node by node (MaxMind DB File Format Specification 2.0, "Binary Search Tree").

Look-ups never come here: only the command line walks whole trees. The C reader's own iterator does not serve: on a
damaged tree with a cycle it writes past its buffers.
"""

import os
from collections.abc import Callable

from service.adapters.mmdb.snapshot_file import Progress

Nodes = Callable[[int], tuple[int, int]]

_progress_nodes = 1 << 14


def content_of(descriptor: int) -> bytes:
    """All bytes of a held file. A reader would map them; a walk over every node is faster over bytes."""
    size_bytes = os.fstat(descriptor).st_size
    content = os.pread(descriptor, size_bytes, 0)
    while len(content) < size_bytes:  # one read returns 2 GiB at most, and may return less
        content += os.pread(descriptor, size_bytes - len(content), len(content))
    return content


def nodes_of(content: bytes, record_size: int) -> Nodes:
    """A function from a node's number to its two records. ``record_size`` in bits: 24, 28 or 32."""

    def small(node: int) -> tuple[int, int]:
        at = node * 6
        return int.from_bytes(content[at : at + 3]), int.from_bytes(content[at + 3 : at + 6])

    def medium(node: int) -> tuple[int, int]:
        at = node * 7
        middle = content[at + 3]
        left = int.from_bytes(content[at : at + 3]) | (middle & 0xF0) << 20
        return left, int.from_bytes(content[at + 4 : at + 7]) | (middle & 0x0F) << 24

    def large(node: int) -> tuple[int, int]:
        at = node * 8
        return int.from_bytes(content[at : at + 4]), int.from_bytes(content[at + 4 : at + 8])

    return {24: small, 28: medium, 32: large}[record_size]


def count_networks(descriptor: int, node_count: int, record_size: int, progress: Progress | None = None) -> int:
    """How many networks the tree tells apart: records that point to data. What is stored once is counted once.

    A third of a second per million nodes; ``progress(done, total)`` counts nodes.
    """
    nodes = nodes_of(content_of(descriptor), record_size)
    networks = 0
    for node in range(node_count):
        left, right = nodes(node)
        networks += (left > node_count) + (right > node_count)
        if progress is not None and node % _progress_nodes == 0:
            progress(node, node_count)
    if progress is not None:
        progress(node_count, node_count)
    return networks
