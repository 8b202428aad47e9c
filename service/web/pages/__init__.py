"""The pages that people see: HTML, style, and words in six languages.

``words`` says things in a language, ``frame`` is what every page has in common, ``mirror``, ``problem_pages`` and
``document_pages`` lay out the pages themselves. The words stand in ``words/*.json``, one file for each language with
the same keys, and the names of countries and languages in ``names.json`` (CLDR; ``tests/tables/build_names.py`` makes
it). Everything is read when the pages are built, at start; rendering is string work, and whatever is put into a page is
escaped where it is put.
"""
