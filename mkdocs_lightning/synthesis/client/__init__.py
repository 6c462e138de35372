"""The Lightning service from Python, without MkDocs: one text or many, with threads or with asyncio."""
