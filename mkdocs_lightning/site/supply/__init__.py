"""Parts of `clip_supply.py`: drafts, and cached clips whose word times are still to be found."""
