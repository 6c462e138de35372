"""From missing sentences to clips: the plan, the run that synthesizes it, and the clips built from it."""
