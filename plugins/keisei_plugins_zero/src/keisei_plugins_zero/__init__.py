"""Learning the policy from searches and the value from results."""
