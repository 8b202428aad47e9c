"""MaxMind DB files as such: copied, opened, followed, made coarse. What their records mean to us: ``maxmind``.

snapshot_file -> database -> following, and beside them tree -> coarse for the command line, which writes databases too.
"""
