"""OpenFeature's remote evaluation protocol, OFREP 0.3: answers, evaluation context and refusals."""
