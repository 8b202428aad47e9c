"""Counting: on its way to the store, released, and read.

record_events.py    a device's report becomes increments
report_cap.py       how much of that one network may report
buffer.py           what a worker has counted and not yet handed over
distinct.py         which devices of a day are new on which rungs
flush.py            from the buffer to the store, until it is known to be there
release_loop.py     intervals that are over are released, and become what is known of groups
report.py           what was released of a window, added up
"""
