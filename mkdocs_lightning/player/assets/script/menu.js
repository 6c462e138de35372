/* The menu of a player, made anew each time it is opened. */

let openMenu = null; // at most one is open

class Menu {
  constructor(strings, playerOf) {
    this.strings = strings;
    this.playerOf = playerOf;
    this.button = button("more", strings.more, () => this.toggle(this.element.hidden));
    this.button.setAttribute("aria-expanded", "false");
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
    if (isOpen) this.fill();
    else if (this.element.contains(document.activeElement)) this.button.focus({ preventScroll: true });
    this.element.hidden = !isOpen;
    this.button.setAttribute("aria-expanded", isOpen);
    if (isOpen) openMenu = this;
    else if (openMenu === this) openMenu = null;
  }

  fill() {
    this.element.dir = getComputedStyle(this.element.parentElement.parentElement).direction; // the controls are ltr
    this.element.replaceChildren(...this.items());
  }

  items() {
    const { strings } = this;
    const player = this.playerOf();
    const all = playersOfPage();
    const at = all.indexOf(player);
    const [before, after] = at < 0 ? [] : [all[at - 1], all[at + 1]];
    return [
      all.length > 1 && this.item(strings.play_page, playPage),
      before && this.item(strings.previous, () => before.start(0)),
      after && this.item(strings.next, () => after.start(0)),
      this.stayingItem(strings.copy_link, (item) => copyLink(player, item)),
      make(
        "a",
        "speak-item",
        { href: player.audio.src, download: "" },
        make("span", "speak-word", {}, strings.download),
      ),
    ].filter(Boolean);
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
}

document.addEventListener("click", (event) => {
  if (openMenu && !openMenu.element.parentElement.contains(event.target)) openMenu.toggle(false);
});
