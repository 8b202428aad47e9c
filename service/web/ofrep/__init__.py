"""OpenFeature's remote evaluation protocol, OFREP 0.3: its answers, its evaluation context, its words for a refusal."""
