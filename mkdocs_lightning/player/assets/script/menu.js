/* The menu of a player or of the bar, made anew each time it is opened. */

let openMenu = null; // at most one is open

class Menu {
  constructor(strings, playerOf, title = "") {
    this.strings = strings;
    this.playerOf = playerOf;
    this.button = button("more", strings.more, () => this.toggle(this.element.hidden));
    this.button.setAttribute("aria-expanded", "false");
    nameFor(this.button, title);
    this.element = make("div", "speak-menu", { hidden: "" });
  }

  get parts() {
    return [this.button, this.element];
  }

  /* Close it with Escape, or when the focus leaves what it belongs to. */
  closeWith(owner) {
    owner.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.toggle(false);
    });
    owner.addEventListener("focusout", (event) => {
      if (event.relatedTarget && !owner.contains(event.relatedTarget)) this.toggle(false);
    });
  }

  toggle(isOpen) {
    if (isOpen && openMenu !== this) openMenu?.toggle(false);
    if (isOpen) this.fill();
    else if (this.element.contains(document.activeElement)) this.button.focus({ preventScroll: true });
    this.element.hidden = !isOpen;
    this.button.setAttribute("aria-expanded", isOpen);
    if (isOpen) openMenu = this;
    else if (openMenu === this) openMenu = null;
  }

  fill() {
    this.element.dir = getComputedStyle(this.element.parentElement.parentElement).direction; // the controls are ltr
    this.element.replaceChildren(...this.items().filter(Boolean));
  }

  items() {
    const { strings } = this;
    const player = this.playerOf();
    const all = playersOfPage();
    const at = all.indexOf(player);
    const [before, after] = at < 0 ? [] : [all[at - 1], all[at + 1]];
    const download = make("span", "speak-word", {}, strings.download);
    return [
      player.time > RESTART_AFTER && this.item(strings.from_start, () => player.start(0)),
      all.length > 1 && this.item(strings.play_page, playPage),
      before && this.item(strings.previous, () => before.start(0)),
      after && this.item(strings.next, () => after.start(0)),
      nextPageOf(player) && this.playOnItem(),
      this.stayingItem(strings.copy_link, (item) => copyLink(player, item)),
      make("a", "speak-item", { href: player.source, download: "" }, download),
      this.item(strings.keys, showKeys),
      ...this.chapterItems(player),
      make("div", "speak-disclosure", {}, strings.synthetic),
    ];
  }

  item(label, onClick) {
    return this.stayingItem(label, () => {
      this.toggle(false);
      onClick();
    });
  }

  /* An item that leaves the menu open. */
  stayingItem(label, onClick) {
    const made = make("button", "speak-item", { type: "button" }, label);
    made.addEventListener("click", () => onClick(made));
    return made;
  }

  /* A switch. */
  playOnItem() {
    const made = this.stayingItem(this.strings.play_on, () => {
      setPlayingOn(!isPlayingOn);
      made.setAttribute("aria-pressed", isPlayingOn);
    });
    made.setAttribute("aria-pressed", isPlayingOn);
    return made;
  }

  chapterItems(player) {
    if (!player.chapters.length) return [];
    const heard = player.chapter;
    return [
      make("div", "speak-chapters", {}, this.strings.chapters),
      ...player.chapters.map((chapter) => {
        const made = this.item(chapter.title, () => player.start(chapter.start, RUN_UP));
        made.append(make("span", "speak-chapter-time", {}, clock(chapter.start)));
        if (chapter === heard) made.setAttribute("aria-current", "true");
        return made;
      }),
    ];
  }
}

document.addEventListener("click", (event) => {
  if (openMenu && !event.composedPath().includes(openMenu.element.parentElement)) openMenu.toggle(false);
});
