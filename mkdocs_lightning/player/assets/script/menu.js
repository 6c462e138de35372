/* The menu of a player or of the bar, made anew each time it is opened. */

class Menu extends Popup {
  constructor(strings, playerOf, title = "") {
    super(button("more", strings.more));
    this.strings = strings;
    this.playerOf = playerOf;
    label(this.button, strings.more, title);
  }

  items() {
    const { strings } = this;
    const player = this.playerOf();
    const all = playersOfPage();
    const at = all.indexOf(player);
    const [before, after] = at < 0 ? [] : [all[at - 1], all[at + 1]];
    const download = make("span", "speak-download", {}, strings.download);
    return [
      player.time > RESTART_AFTER && this.item(strings.from_start, () => player.start(0)),
      all.length > 1 && this.item(strings.play_page, playPage),
      before && this.item(strings.previous, () => before.start(0)),
      after && this.item(strings.next, () => after.start(0)),
      this.switchItem(strings.repeat, player.isRepeated, () => repeat(player)),
      nextPageOf(player) && this.switchItem(strings.play_on, isPlayingOn, () => setPlayingOn(!isPlayingOn)),
      this.stayingItem(strings.copy_link, (item) => copyLink(player, item)),
      make("a", "speak-item", { href: player.source, download: "" }, download),
      this.item(strings.keys, showKeys),
      volumeItem(strings),
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

  /* A switch. `change` returns its new state. */
  switchItem(label, isOn, change) {
    const made = this.stayingItem(label, () => made.setAttribute("aria-pressed", change()));
    made.setAttribute("aria-pressed", isOn);
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
