"""From missing sentences to clips: the plan, the run that synthesizes them, and the clips that are built from them."""
