"""The command `publish`: pages that another program has built, and what its configuration says of them."""
