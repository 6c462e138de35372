"""The command `review`: a page to listen to before anything is paid."""
