"""GrowthBook's features read into experiments of a site.

features        the payload, the order of the rules, the keys
rule            one rule by itself
condition       whom it is for
import_reasons  why not, in words
"""
