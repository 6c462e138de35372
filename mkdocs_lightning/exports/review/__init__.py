"""The review: a page to listen to, with what each sentence costs, before anything is paid."""
