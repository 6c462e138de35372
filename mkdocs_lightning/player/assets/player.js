/* The player of mkdocs-lightning. Pages play without it; it makes more of the browser's own audio element: marks the
   sentence that is heard, and adds speed, links to a moment, the whole page in one go, and a bar that stays in view.

   <speak-player data-…> holds the audio element and what there is to know of it. What follows it is made here. */
"use strict";
(() => {
  if (customElements.get("speak-player")) return; // some themes run a page's scripts again for each page they show

  const SPEEDS = [0.75, 1, 1.25, 1.5, 1.75, 2];
  const STORED_SPEED = "speak-speed";
  const LEAD = 0.02; // seconds by which marks go ahead: browsers give the time a little late
  const RUN_UP = 0.1; // seconds before a sentence that one goes to: after a seek, an MP3 is silent for up to 70 ms
  const STEP = 5; // seconds, for an arrow key
  const SKIP = 10; // seconds, for a button
  const AGAIN = 3; // seconds after which "previous" goes back to the start
  const HEARD = ["play", "pause", "timeupdate", "seeked", "ratechange", "durationchange", "ended", "error"];
  const NOT_TEXT = "a, button, input, select, textarea, summary, label, audio, video";
  const ICONS = {
    play: "M7 4v16l13-8z",
    pause: "M6 4h4v16H6zm8 0h4v16h-4z",
    more: "M3 10h4v4H3zm7 0h4v4h-4zm7 0h4v4h-4z",
    previous: "M5 5h3v14H5zm15 0v14L9 12z",
    next: "M16 5h3v14h-3zM4 5l11 7L4 19z",
    back: "M12 5V1L6.5 6 12 11V7.5a5.75 5.75 0 1 1-5.75 5.75h-2.5A8.25 8.25 0 1 0 12 5z",
    forward: "M12 5V1l5.5 5L12 11V7.5a5.75 5.75 0 1 0 5.75 5.75h2.5A8.25 8.25 0 1 1 12 5z",
    all: "M3 5h12v2.5H3zm0 5.5h12V13H3zM3 16h8v2.5H3zm11-2 8 4-8 4z",
    close: "M6.4 5 12 10.6 17.6 5 19 6.4 13.4 12l5.6 5.6-1.4 1.4-5.6-5.6L6.4 19 5 17.6l5.6-5.6L5 6.4z",
  };

  const STYLESHEET = new URL("player.css", document.currentScript.src).href;

  let active = null; // the player that was started last, until it ends or is closed
  let line = []; // the players of its page, in their order
  let isPlayingPage = false;
  let frame = 0; // the next time that the marks are looked at
  let speed = storedSpeed();
  const owners = new WeakMap(); // the player of each audio element

  // Small tools

  function storedSpeed() {
    try {
      const stored = Number(localStorage.getItem(STORED_SPEED));
      return SPEEDS.includes(stored) ? stored : 1;
    } catch {
      return 1; // storage may be forbidden
    }
  }

  function make(tag, className, attributes = {}, ...children) {
    const element = document.createElement(tag);
    element.className = className;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }

  function drawing(name) {
    const [svg, path] = ["svg", "path"].map((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    path.setAttribute("d", ICONS[name]);
    svg.append(path);
    return svg;
  }

  function button(icon, label, onClick) {
    const attributes = { type: "button", "data-icon": icon, "aria-label": label, title: label };
    const made = make("button", "speak-button", attributes, drawing(icon));
    made.addEventListener("click", onClick);
    return made;
  }

  function clock(seconds) {
    const whole = Math.floor(seconds + 0.05); // 4.999 is 5
    const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
    const tail = String(whole % 60).padStart(2, "0");
    return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
  }

  function isInView(element) {
    const { top, bottom, height } = element.getBoundingClientRect();
    const ground = bar && !bar.element.hidden ? bar.element.getBoundingClientRect().top : innerHeight;
    return height > 0 && top >= 0 && bottom <= ground;
  }

  /* Blocks within a block are heard with it; so is everything with the whole page. */
  function playersOfPage() {
    return [...document.querySelectorAll("speak-player:not([data-page])")].filter(
      (player) => player.audio && !player.closest(".speak-text"),
    );
  }

  const status = make("div", "speak-status", { role: "status" }); // is there before it says anything: else it is not heard

  // What an inline player and the bar have in common: play, position, time and speed of one player

  class Transport {
    constructor(words, playerOf, showsDuration) {
      this.words = words;
      this.playerOf = playerOf;
      this.showsDuration = showsDuration;
      this.play = button("play", words.play, () => playerOf().toggle());
      this.back = button("back", words.back, () => playerOf().skip(-SKIP));
      this.forward = button("forward", words.forward, () => playerOf().skip(SKIP));
      this.position = make("input", "speak-position", { type: "range", min: 0, step: "any", "aria-label": words.position });
      this.position.addEventListener("input", () => {
        playerOf().seek(Number(this.position.value));
        this.tellPosition();
      });
      this.position.addEventListener("focus", () => this.tellPosition());
      this.position.addEventListener("keydown", (event) => this.onKey(event));
      this.elapsed = make("span", "speak-elapsed", { "aria-hidden": "true" });
      this.speed = make("select", "speak-speed", { "aria-label": words.speed, title: words.speed });
      this.speed.append(...SPEEDS.map((rate) => new Option(`${rate}×`, rate)));
      this.speed.addEventListener("change", () => setSpeed(Number(this.speed.value)));
    }

    get parts() {
      return [this.back, this.play, this.forward, this.position, this.elapsed, this.speed];
    }

    update() {
      const player = this.playerOf();
      const state = player.audio.paused ? "play" : "pause";
      if (this.play.dataset.icon !== state) {
        this.play.dataset.icon = state;
        this.play.title = this.words[state];
        this.play.setAttribute("aria-label", this.words[state]);
        this.play.replaceChildren(drawing(state));
      }
      const { duration } = player;
      const { currentTime } = player.audio;
      this.position.max = duration;
      this.position.value = currentTime;
      this.elapsed.textContent = clock(currentTime) + (this.showsDuration ? ` / ${clock(Math.round(duration))}` : "");
      this.speed.value = speed;
    }

    /* Said when it is asked for, not each time that a second has passed. */
    tellPosition() {
      const { audio, duration } = this.playerOf();
      this.position.setAttribute("aria-valuetext", `${clock(audio.currentTime)} / ${clock(duration)}`);
    }

    onKey(event) {
      const player = this.playerOf();
      const keys = {
        ArrowLeft: () => player.skip(-STEP),
        ArrowDown: () => player.skip(-STEP),
        ArrowRight: () => player.skip(STEP),
        ArrowUp: () => player.skip(STEP),
        PageDown: () => player.seekSentence(-1),
        PageUp: () => player.seekSentence(1),
        Home: () => player.seek(0),
        End: () => player.seek(player.duration),
        " ": () => player.toggle(),
      };
      if (!keys[event.key] || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      keys[event.key]();
      this.tellPosition();
    }
  }

  function setSpeed(rate) {
    speed = rate;
    try {
      localStorage.setItem(STORED_SPEED, rate);
    } catch {
      // then it holds for this page
    }
    if (active) active.audio.playbackRate = rate;
    for (const player of document.querySelectorAll("speak-player")) player.transport?.update();
    bar?.update();
  }

  // The player in the page

  class SpeakPlayer extends HTMLElement {
    connectedCallback() {
      if (this.audio) return this.settle(); // it was moved
      const audio = this.querySelector("audio");
      if (!audio || !this.dataset.words) return; // another template's: the browser's own controls will do
      const names =
        "play pause position speed more previous next back forward playPage copyLink linkCopied download close player " +
        "failed";
      const words = this.dataset.words.split("|");
      this.words = Object.fromEntries(names.split(" ").map((name, at) => [name, words[at]]));
      this.starts = this.dataset.starts.split(" ").map(Number);
      this.name = this.closest("[id]")?.id;
      this.address = location.href.split("#")[0];
      this.adopt(audio);
      this.setAttribute("role", "group");
      this.setAttribute("aria-label", audio.getAttribute("aria-label"));
      this.build();
      this.update();
      followLink(this);
    }

    disconnectedCallback() {
      if (this !== active) return;
      if (this.audio.paused) return end();
      bar.element.append(this.audio); // its page is gone, but the voice goes on
      bar.outlive();
    }

    /* Take the sound back from the bar. */
    settle() {
      this.append(this.audio);
      if (this === active) bar.watch();
    }

    /* Take the element that plays already, if the reader comes back to where it came from. */
    adopt(audio) {
      const isBack = active && !active.isConnected && active.audio.src === audio.src;
      this.audio = isBack ? active.audio : audio;
      if (isBack) {
        audio.replaceWith(this.audio);
        active = this;
        bar.watch();
      } else {
        audio.src = audio.src; // whole, as the page's address may change while it plays
        for (const type of HEARD) audio.addEventListener(type, () => owners.get(audio).hear(type));
      }
      this.audio.controls = false;
      this.audio.preservesPitch = true;
      owners.set(this.audio, this);
    }

    build() {
      const { words } = this;
      this.transport = new Transport(words, () => this);
      this.more = button("more", words.more, () => this.openMenu(this.menu.hidden));
      this.more.setAttribute("aria-expanded", "false");
      this.menu = make("div", "speak-menu", { hidden: "", dir: getComputedStyle(this).direction });
      this.note = make("div", "speak-note", { hidden: "" }, words.failed);
      this.append(make("div", "speak-controls", {}, ...this.transport.parts, this.more, this.menu), this.note);
      if (!status.isConnected) document.body.append(status);
      this.addEventListener("keydown", (event) => {
        if (event.key === "Escape") this.openMenu(false);
      });
      this.addEventListener("focusout", (event) => {
        if (event.relatedTarget && !this.contains(event.relatedTarget)) this.openMenu(false);
      });
    }

    openMenu(isOpen) {
      if (isOpen) this.menu.replaceChildren(...this.menuItems());
      else if (this.menu.contains(document.activeElement)) this.more.focus({ preventScroll: true });
      this.menu.hidden = !isOpen;
      this.more.setAttribute("aria-expanded", isOpen);
    }

    menuItems() {
      const { words } = this;
      const item = (label, onClick) => {
        const made = make("button", "speak-item", { type: "button" }, label);
        made.addEventListener("click", () => onClick(made));
        return made;
      };
      const at = playersOfPage().indexOf(this);
      const [before, after] = at < 0 ? [] : [playersOfPage()[at - 1], playersOfPage()[at + 1]];
      return [
        playersOfPage().length > 1 && item(words.playPage, () => (this.openMenu(false), playPage())),
        before && item(words.previous, () => (this.openMenu(false), before.start(0))),
        after && item(words.next, () => (this.openMenu(false), after.start(0))),
        item(words.copyLink, (made) => this.copyLink(made)),
        make("a", "speak-item", { href: this.audio.src, download: "" }, make("span", "speak-word", {}, words.download)),
      ].filter(Boolean);
    }

    async copyLink(item) {
      const link = `${this.address}#${this.name}&t=${Math.floor(this.time * 10) / 10}`;
      try {
        await navigator.clipboard.writeText(link);
      } catch {
        return history.replaceState(history.state, "", link); // then it can be copied from the address bar
      }
      item.textContent = this.words.linkCopied;
      status.textContent = this.words.linkCopied;
    }

    /* In a run-up, the time that it runs up to. */
    get time() {
      return Math.max(this.audio.currentTime, this.aim ?? 0);
    }

    get duration() {
      return this.audio.duration || Number(this.dataset.duration);
    }

    toggle() {
      if (this.audio.paused) this.start();
      else this.audio.pause();
    }

    start(time, runUp) {
      if (this.audio.error) this.audio.load(); // perhaps the network is back
      if (time !== undefined) this.seek(time, runUp);
      return this.audio.play().catch(() => this.update()); // a browser may want a click first
    }

    seek(time, runUp = 0) {
      this.aim = Math.min(Math.max(time, 0), this.duration);
      this.audio.currentTime = Math.max(this.aim - runUp, 0);
      this.update();
    }

    skip(seconds) {
      this.seek(this.audio.currentTime + seconds);
    }

    seekSentence(step) {
      const start = this.starts[this.sentence() + step];
      if (start !== undefined) this.seek(start, RUN_UP);
    }

    /* The number of the sentence that is heard now; in a pause, of the one before it, and in a run-up, of the next. */
    sentence() {
      const now = Math.max(this.audio.currentTime + LEAD, this.time);
      return this.starts.findLastIndex((start) => start <= now);
    }

    hear(type) {
      if (type === "play") activate(this);
      if (type === "error") this.fail();
      if (type === "ended") this.aim = 0;
      if (type === "ended") return finish(this);
      this.update();
    }

    fail() {
      this.note.hidden = false;
      status.textContent = this.words.failed;
      finish(this); // "play the page" goes on with the next
    }

    update() {
      this.transport.update();
      this.setReachable(!this.audio.paused);
      if (this !== active) return;
      bar.update();
      this.mark(this.sentence());
      setPositionState(this);
    }

    /* Mark a sentence, and follow it as long as the reader does: where the one before was in view. */
    mark(sentence) {
      if (sentence === this.marked) return;
      const before = this.marksOf(this.marked);
      const after = this.marksOf(sentence);
      const follows = before.some(isInView) && after.length > 0 && !after.some(isInView);
      for (const element of before) element.classList.remove("speak-now");
      for (const element of after) element.classList.add("speak-now");
      this.marked = sentence;
      if (!follows) return;
      const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
      after[0].scrollIntoView({ behavior, block: "center" });
    }

    marksOf(sentence) {
      if (sentence === undefined) return [];
      return [...document.querySelectorAll(`[data-cue="${CSS.escape(this.name)} ${sentence}"]`)];
    }

    /* While it plays, a click on a sentence goes there; that can be seen. */
    setReachable(isReachable) {
      if (isReachable === this.isReachable) return;
      this.isReachable = isReachable;
      for (const element of document.querySelectorAll(`[data-cue^="${CSS.escape(this.name)} "]`)) {
        element.classList.toggle("speak-reachable", isReachable);
      }
    }
  }

  // One sound at a time

  function activate(player) {
    const before = active;
    active = player;
    if (before && before !== player) {
      before.audio.pause();
      before.mark(undefined);
      if (!before.isConnected) before.audio.remove();
    }
    for (const audio of document.querySelectorAll("audio, video")) if (audio !== player.audio) audio.pause();
    player.note.hidden = true;
    player.audio.defaultPlaybackRate = player.audio.playbackRate = speed;
    bar ??= new Bar(player.words);
    bar.watch();
    describe(player);
    follow();
  }

  function follow() {
    cancelAnimationFrame(frame);
    if (!active || active.audio.paused) return;
    active.mark(active.sentence());
    frame = requestAnimationFrame(follow);
  }

  function playPage() {
    isPlayingPage = true;
    if (active && !active.audio.paused && playersOfPage().includes(active)) bar.update();
    else playersOfPage()[0]?.start(0);
  }

  function neighbour(step) {
    if (active.isConnected) line = playersOfPage();
    return line.includes(active) ? line[line.indexOf(active) + step] : undefined;
  }

  function goToPrevious() {
    if (active.audio.currentTime > AGAIN || !neighbour(-1)) active.seek(0);
    else neighbour(-1).start(0);
  }

  function finish(player) {
    if (player !== active) return;
    const next = isPlayingPage && neighbour(1);
    if (!next) return end();
    player.mark(undefined);
    status.textContent = next.dataset.heading;
    next.start(0);
  }

  function end() {
    const player = active;
    active = null;
    isPlayingPage = false;
    player.mark(undefined);
    player.audio.pause();
    player.update();
    if (!player.isConnected) player.audio.remove();
    bar.hide(player);
    if (navigator.mediaSession) navigator.mediaSession.metadata = null;
  }

  // The bar that stays in view while the player itself is not

  let bar = null;

  class Bar {
    constructor(words) {
      this.words = words;
      this.transport = new Transport(words, () => active, true);
      this.previous = button("previous", words.previous, goToPrevious);
      this.next = button("next", words.next, () => neighbour(1)?.start(0));
      this.all = button("all", words.playPage, () => {
        isPlayingPage = !isPlayingPage;
        this.update();
      });
      this.title = make("a", "speak-heading");
      const close = button("close", words.close, end);
      this.element = make(
        "div",
        "speak-bar",
        { role: "region", "aria-label": words.player, hidden: "" },
        this.title,
        make("div", "speak-controls", {}, this.previous, ...this.transport.parts, this.next),
        make("div", "speak-ends", {}, this.all, close),
      );
      this.element.addEventListener("focusout", () => setTimeout(() => active && this.show(this.isNeeded)));
      this.observer = new IntersectionObserver((entries) => {
        const entry = entries.at(-1); // what holds now
        if (!active || entry.target !== active) return;
        this.isNeeded = !entry.isIntersecting;
        this.show(this.isNeeded);
      });
      document.body.append(this.element);
    }

    /* Show it while the active player is out of view. */
    watch() {
      this.observer.disconnect();
      if (active.isConnected) this.observer.observe(active);
      else this.show();
      this.title.textContent = active.dataset.heading;
      this.title.href = `${active.address}#${active.name}`;
      this.update();
    }

    /* Stay when the page goes, with the style sheet, which the next one may not have. */
    outlive() {
      if (!this.style) this.element.append((this.style = make("link", "", { rel: "stylesheet", href: STYLESHEET })));
      this.show();
    }

    show(isNeeded = true) {
      this.isNeeded = isNeeded;
      this.element.hidden = !isNeeded && !this.element.contains(document.activeElement); // a focus is not taken away
      document.documentElement.classList.toggle("speak-has-bar", !this.element.hidden);
      if (!this.element.hidden) this.update();
    }

    hide(player) {
      const hadFocus = this.element.contains(document.activeElement);
      this.observer.disconnect();
      this.element.hidden = true;
      document.documentElement.classList.remove("speak-has-bar");
      if (hadFocus && player.isConnected) player.transport.play.focus({ preventScroll: true });
    }

    update() {
      if (!active) return;
      this.transport.update();
      const [previous, next] = [neighbour(-1), neighbour(1)];
      this.previous.hidden = this.next.hidden = this.all.hidden = !previous && !next;
      this.next.disabled = !next;
      this.all.setAttribute("aria-pressed", isPlayingPage);
    }
  }

  // Lock screens and hardware keys

  function describe(player) {
    if (!navigator.mediaSession) return;
    const handlers = {
      play: () => active?.start(),
      pause: () => active?.audio.pause(),
      stop: () => active && end(),
      seekbackward: ({ seekOffset }) => active?.skip(-(seekOffset || SKIP)),
      seekforward: ({ seekOffset }) => active?.skip(seekOffset || SKIP),
      seekto: ({ seekTime }) => active?.seek(seekTime),
      previoustrack: neighbour(-1) ? goToPrevious : null,
      nexttrack: neighbour(1) ? () => neighbour(1)?.start(0) : null,
    };
    const { heading: title, site: artist } = player.dataset;
    navigator.mediaSession.metadata = new MediaMetadata({ title, artist });
    for (const [action, handler] of Object.entries(handlers)) {
      try {
        navigator.mediaSession.setActionHandler(action, handler);
      } catch {
        // not every browser knows every key
      }
    }
  }

  function setPositionState({ audio, duration }) {
    const position = Math.min(audio.currentTime, duration);
    navigator.mediaSession?.setPositionState?.({ duration, position, playbackRate: audio.playbackRate });
  }

  // Links to a moment: #speak-…&t=12.5

  function followLink(player) {
    const [, name, time] = /^#(.+)&t=(\d+(?:\.\d+)?)$/.exec(location.hash) ?? [];
    if (name === undefined || !player.audio || decoded(name) !== player.name) return;
    player.scrollIntoView({ block: "center" });
    player.start(Number(time));
    player.transport.play.focus({ preventScroll: true });
  }

  function decoded(name) {
    try {
      return decodeURIComponent(name);
    } catch {
      return name; // not encoded at all
    }
  }

  addEventListener("hashchange", () => document.querySelectorAll("speak-player").forEach(followLink));

  // A click on a sentence plays from there: with Alt at any time, without it while its player plays

  document.addEventListener("click", (event) => {
    for (const player of document.querySelectorAll("speak-player:has(.speak-menu:not([hidden]))")) {
      if (!player.contains(event.target)) player.openMenu(false);
    }
    if (event.defaultPrevented || event.target.closest(NOT_TEXT)) return;
    for (let mark = event.target.closest("[data-cue]"); mark; mark = mark.parentElement.closest("[data-cue]")) {
      const [name, sentence] = mark.dataset.cue.split(" ");
      const player = [...document.querySelectorAll("speak-player")].find((one) => one.name === name);
      const isHeard = player && player === active && !player.audio.paused;
      if (!player || !(event.altKey || (isHeard && getSelection().isCollapsed))) continue;
      event.preventDefault();
      return player.start(player.starts[sentence], RUN_UP);
    }
  });

  customElements.define("speak-player", SpeakPlayer);
})();
