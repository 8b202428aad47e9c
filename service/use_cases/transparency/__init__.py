"""What people and programs are told: of the service, of one visit, and of what an opt-out would change.

inventory.json      every purpose, every signal and what becomes of it, everything that is kept: the rows
inventory.py        their types, and for how long a deployment keeps each thing
disclosure.py       all of it as one value: ``/v1/privacy``, and the record of processing
sentences.py        the closed vocabulary of what is said to a visitor
explanation.py      a decision and its reasons in these sentences: the mirror, ``passerby explain``
opt_out_diff.py     what the other choice would change, in the same
"""
