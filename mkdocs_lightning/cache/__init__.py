"""Where synthesized audio is stored: on this machine, and in a store that machines share."""
