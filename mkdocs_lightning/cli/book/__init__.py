"""The command `book`: from the pages that MkDocs has read to a talking book."""
