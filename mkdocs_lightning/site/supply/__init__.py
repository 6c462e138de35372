"""Parts of `clip_supply.py`: drafts, cached clips whose word times are to be found, warnings of voices, the budget."""
