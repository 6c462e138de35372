/* The bar, shown while the active player is out of view, or what it says is. It is early in the page, so that Tab soon gets
   there. */

class Bar {
  constructor(strings) {
    this.menu = new Menu(strings, () => active);
    this.previous = button("previous", strings.previous, goToPrevious);
    this.next = button("next", strings.next, () => neighbour(1)?.start(0));
    this.controls = new Controls(strings, () => active, "", this);
    this.all = button("all", strings.play_page, () => {
      isPlayingPage = !isPlayingPage;
      this.update();
    });
    this.follow = button("follow", strings.follow, () => followAgain(active));
    this.title = make("a", "speak-heading");
    this.title.addEventListener("click", (event) => this.goToSentence(event));
    this.chapter = make("button", "speak-chapter", { type: "button" });
    this.chapter.addEventListener("click", (event) => {
      event.stopPropagation(); // a click elsewhere would close the menu
      this.menu.toggle(true);
    });
    this.note = make("div", "speak-note", { hidden: "" });
    const close = button("close", strings.close, end);
    this.element = make(
      "div",
      "speak-bar",
      { role: "region", "aria-label": strings.player, hidden: "" },
      make("div", "speak-headings", {}, this.title, this.chapter),
      make("div", "speak-controls", {}, ...this.controls.parts, ...this.menu.parts),
      make("div", "speak-ends", {}, this.follow, this.all, close),
      this.note,
    );
    this.menu.closeWith(this.element);
    this.element.addEventListener("focusout", () => setTimeout(() => active && this.show()));
    this.observer = new IntersectionObserver((entries) => {
      const entry = entries.at(-1); // the latest state
      if (!active || entry.target !== active) return;
      this.isPlayerInView = entry.isIntersecting;
      this.show();
    });
    document.body.prepend(this.element);
  }

  /* Observe the active player, and show the bar while it is out of view. */
  watch() {
    this.observer.disconnect();
    this.note.hidden = active.note.hidden;
    this.note.textContent = active.note.textContent;
    this.title.textContent = active.dataset.heading;
    this.title.href = `${active.address}#${active.name}`;
    const { top, bottom } = active.getBoundingClientRect();
    this.isPlayerInView = active.isConnected && bottom > 0 && top < innerHeight; // until the observer knows
    if (active.isConnected) this.observer.observe(active);
    this.show();
    this.update();
  }

  /* On the player's own page, the title leads to what is heard; on another, it is a link. */
  goToSentence(event) {
    if (!active.isConnected || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation(); // a theme would go to the player
    history.replaceState(history.state, "", this.title.href);
    followAgain(active);
  }

  /* Stay when the theme replaces the page, with the style sheet, which the next page may not link. */
  keepAfterPage() {
    if (!this.style) this.element.append((this.style = make("link", "", { rel: "stylesheet", href: STYLESHEET })));
    this.watch();
  }

  get isNeeded() {
    return !this.isPlayerInView || (!isFollowing && !isSentenceInView(active));
  }

  show() {
    this.element.hidden = !this.isNeeded && !this.element.contains(document.activeElement); // must not take the focus away
    document.documentElement.classList.toggle("speak-has-bar", !this.element.hidden);
    if (this.element.hidden) return;
    this.makeRoom();
    this.update();
  }

  /* Let the page end above the bar. */
  makeRoom() {
    document.documentElement.style.setProperty("--speak-bar-height", `${this.element.offsetHeight}px`);
  }

  hide() {
    const hadFocus = this.element.contains(document.activeElement);
    this.menu.toggle(false);
    this.observer.disconnect();
    this.element.hidden = true;
    document.documentElement.classList.remove("speak-has-bar");
    return hadFocus;
  }

  update() {
    if (!active) return;
    this.controls.update();
    const [previous, next] = [neighbour(-1), neighbour(1)];
    this.previous.hidden = this.next.hidden = this.all.hidden = !previous && !next;
    this.next.disabled = !next;
    this.all.setAttribute("aria-pressed", isPlayingPage);
    this.follow.hidden = isFollowing || !active.isConnected || active.highlighted === undefined;
    this.showChapter(active.chapter);
  }

  showChapter(chapter) {
    if (this.chapter.dataset.title === (chapter?.title ?? "")) return;
    this.chapter.hidden = !chapter;
    this.chapter.dataset.title = this.chapter.textContent = chapter?.title ?? "";
    this.chapter.setAttribute("aria-label", filled(active.strings.chapter_of, this.chapter.textContent));
  }
}
