"""The statute's sample and decision, and the risk-limiting check."""
