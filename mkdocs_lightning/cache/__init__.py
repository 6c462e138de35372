"""The cache of synthesized audio: on this machine, and in a remote store that machines share."""
