"""MaxMind DB files as such: held safely, opened, followed, made coarse. What their records mean to us: ``maxmind``.

held -> database -> following, and beside them tree -> coarse for the command line, which also writes databases.
"""
