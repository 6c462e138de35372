"""The commands `review`, a page to listen to before anything is paid, and `transcript`, what is spoken on pages."""
