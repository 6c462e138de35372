"""Pages that another program has built: what of them is spoken, and how their players get into them."""
