"""What a User-Agent and low-entropy client hints say: a closed device, and of a bot what it comes for.

lookup              the whole of it, as ``ports.DeviceLookup`` asks
bots, bot_kinds     whether a program speaks, and what it comes for; published_crawlers is the community's list
known_forms         texts that no rule tells apart, as one
rule_matcher        lists of rules run by ua-parser's engine
bot_patterns, people_patterns, device_patterns, device_models, tablet_models    the rules themselves
"""
