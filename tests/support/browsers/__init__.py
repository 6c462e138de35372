"""Three browsers with one interface: Chromium, Firefox and WebKitGTK, as a person uses them."""
