/* The bar, shown while the active player is out of view. */

class Bar {
  constructor(strings) {
    this.controls = new Controls(strings, () => active, true);
    this.previous = button("previous", strings.previous, goToPrevious);
    this.next = button("next", strings.next, () => neighbour(1)?.start(0));
    this.all = button("all", strings.play_page, () => {
      isPlayingPage = !isPlayingPage;
      this.update();
    });
    this.title = make("a", "speak-heading");
    const close = button("close", strings.close, end);
    this.element = make(
      "div",
      "speak-bar",
      { role: "region", "aria-label": strings.player, hidden: "" },
      this.title,
      make("div", "speak-controls", {}, this.previous, ...this.controls.parts, this.next),
      make("div", "speak-ends", {}, this.all, close),
    );
    this.element.addEventListener("focusout", () => setTimeout(() => active && this.show(this.isNeeded)));
    this.observer = new IntersectionObserver((entries) => {
      const entry = entries.at(-1); // the latest state
      if (!active || entry.target !== active) return;
      this.isNeeded = !entry.isIntersecting;
      this.show(this.isNeeded);
    });
    document.body.append(this.element);
  }

  /* Observe the active player, and show the bar while it is out of view. */
  watch() {
    this.observer.disconnect();
    if (active.isConnected) this.observer.observe(active);
    else this.show();
    this.title.textContent = active.dataset.heading;
    this.title.href = `${active.address}#${active.name}`;
    this.update();
  }

  /* Stay when the theme replaces the page, with the style sheet, which the next page may not link. */
  keepAfterPage() {
    if (!this.style) this.element.append((this.style = make("link", "", { rel: "stylesheet", href: STYLESHEET })));
    this.show();
  }

  show(isNeeded = true) {
    this.isNeeded = isNeeded;
    this.element.hidden = !isNeeded && !this.element.contains(document.activeElement); // must not take the focus away
    document.documentElement.classList.toggle("speak-has-bar", !this.element.hidden);
    if (!this.element.hidden) this.update();
  }

  hide(player) {
    const hadFocus = this.element.contains(document.activeElement);
    this.observer.disconnect();
    this.element.hidden = true;
    document.documentElement.classList.remove("speak-has-bar");
    if (hadFocus && player.isConnected) player.controls.play.focus({ preventScroll: true });
  }

  update() {
    if (!active) return;
    this.controls.update();
    const [previous, next] = [neighbour(-1), neighbour(1)];
    this.previous.hidden = this.next.hidden = this.all.hidden = !previous && !next;
    this.next.disabled = !next;
    this.all.setAttribute("aria-pressed", isPlayingPage);
  }
}
