/* The player of mkdocs-lightning. Pages also play without it, with the browser's own controls. This script highlights
   the sentence being spoken, and adds speed, links to a moment, playing the whole page, and a bar that stays in view.

   <speak-player data-…> holds the audio element, and all that the script needs to know as attributes.
   The script is one file and has no build step, so that a page loads a single script that can be read as it is. */
"use strict";
(() => {
  if (customElements.get("speak-player")) return; // some themes run the scripts again for each page they show

  const SPEEDS = [0.75, 1, 1.25, 1.5, 1.75, 2];
  const STORED_SPEED = "speak-speed";
  const LEAD = 0.02; // seconds by which the highlight is early: browsers report the time a little late
  const RUN_UP = 0.1; // seconds to start before a sentence: after a seek, an MP3 is silent for up to 70 ms
  const STEP = 5; // seconds per arrow key
  const SKIP = 10; // seconds per click on a button
  const RESTART_AFTER = 3; // seconds after which "previous" goes to the start of the same clip
  const AUDIO_EVENTS = ["play", "pause", "timeupdate", "seeked", "ratechange", "durationchange", "ended", "error"];
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
  let queue = []; // the players of its page, in order
  let isPlayingPage = false;
  let frame = 0; // the request for the next update of the highlight
  let speed = storedSpeed();
  const owners = new WeakMap(); // audio element -> its player

  // Helpers

  function storedSpeed() {
    try {
      const stored = Number(localStorage.getItem(STORED_SPEED));
      return SPEEDS.includes(stored) ? stored : 1;
    } catch {
      return 1; // storage may be blocked
    }
  }

  function make(tag, className, attributes = {}, ...children) {
    const element = document.createElement(tag);
    element.className = className;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }

  function icon(name) {
    const [svg, path] = ["svg", "path"].map((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    path.setAttribute("d", ICONS[name]);
    svg.append(path);
    return svg;
  }

  function button(iconName, label, onClick) {
    const attributes = { type: "button", "data-icon": iconName, "aria-label": label, title: label };
    const made = make("button", "speak-button", attributes, icon(iconName));
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
    const bottomEdge = bar && !bar.element.hidden ? bar.element.getBoundingClientRect().top : innerHeight;
    return height > 0 && top >= 0 && bottom <= bottomEdge;
  }

  /* Not those of blocks inside another block, which are spoken with it, nor that of the whole page. */
  function playersOfPage() {
    return [...document.querySelectorAll("speak-player:not([data-page])")].filter(
      (player) => player.audio && !player.closest(".speak-text"),
    );
  }

  // It is in the page before it has text; else screen readers ignore it.
  const status = make("div", "speak-status", { role: "status" });

  // The controls that an inline player and the bar share: play, position, time and speed

  class Transport {
    constructor(strings, playerOf, showsDuration) {
      this.strings = strings;
      this.playerOf = playerOf;
      this.showsDuration = showsDuration;
      this.play = button("play", strings.play, () => playerOf().toggle());
      this.back = button("back", strings.back, () => playerOf().skip(-SKIP));
      this.forward = button("forward", strings.forward, () => playerOf().skip(SKIP));
      const range = { type: "range", min: 0, step: "any", "aria-label": strings.position };
      this.position = make("input", "speak-position", range);
      this.position.addEventListener("input", () => {
        playerOf().seek(Number(this.position.value));
        this.announcePosition();
      });
      this.position.addEventListener("focus", () => this.announcePosition());
      this.position.addEventListener("keydown", (event) => this.onKey(event));
      this.elapsed = make("span", "speak-elapsed", { "aria-hidden": "true" });
      this.speed = make("select", "speak-speed", { "aria-label": strings.speed, title: strings.speed });
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
        this.play.title = this.strings[state];
        this.play.setAttribute("aria-label", this.strings[state]);
        this.play.replaceChildren(icon(state));
      }
      const { duration } = player;
      const { currentTime } = player.audio;
      this.position.max = duration;
      this.position.value = currentTime;
      this.elapsed.textContent = clock(currentTime) + (this.showsDuration ? ` / ${clock(Math.round(duration))}` : "");
      this.speed.value = speed;
    }

    /* Only when the reader asks for it, not every second. */
    announcePosition() {
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
      this.announcePosition();
    }
  }

  function setSpeed(rate) {
    speed = rate;
    try {
      localStorage.setItem(STORED_SPEED, rate);
    } catch {
      // then the speed applies to this page only
    }
    if (active) active.audio.playbackRate = rate;
    for (const player of document.querySelectorAll("speak-player")) player.transport?.update();
    bar?.update();
  }

  // The inline player

  class SpeakPlayer extends HTMLElement {
    connectedCallback() {
      if (this.audio) return this.takeAudioBack(); // the element was moved
      const audio = this.querySelector("audio");
      if (!audio || !this.dataset.words) return; // a custom template: keep the browser's own controls
      const names =
        "play pause position speed more previous next back forward playPage copyLink linkCopied download close player " +
        "failed";
      const strings = this.dataset.words.split("|");
      this.strings = Object.fromEntries(names.split(" ").map((name, at) => [name, strings[at]]));
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
      bar.element.append(this.audio); // the page is gone, but its clip plays on
      bar.keepAfterPage();
    }

    /* Take the audio element back from the bar. */
    takeAudioBack() {
      this.append(this.audio);
      if (this === active) bar.watch();
    }

    /* Take over the audio element, or the one that is playing already if the reader has come back to its page. */
    adopt(audio) {
      const isBack = active && !active.isConnected && active.audio.src === audio.src;
      this.audio = isBack ? active.audio : audio;
      if (isBack) {
        audio.replaceWith(this.audio);
        active = this;
        bar.watch();
      } else {
        audio.src = audio.src; // absolute, as the page's address may change while it plays
        for (const type of AUDIO_EVENTS) audio.addEventListener(type, () => owners.get(audio).onAudioEvent(type));
      }
      this.audio.controls = false;
      this.audio.preservesPitch = true;
      owners.set(this.audio, this);
    }

    build() {
      const { strings } = this;
      this.transport = new Transport(strings, () => this);
      this.more = button("more", strings.more, () => this.openMenu(this.menu.hidden));
      this.more.setAttribute("aria-expanded", "false");
      this.menu = make("div", "speak-menu", { hidden: "", dir: getComputedStyle(this).direction });
      this.note = make("div", "speak-note", { hidden: "" }, strings.failed);
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
      const { strings } = this;
      const item = (label, onClick) => {
        const made = make("button", "speak-item", { type: "button" }, label);
        made.addEventListener("click", () => onClick(made));
        return made;
      };
      const at = playersOfPage().indexOf(this);
      const [before, after] = at < 0 ? [] : [playersOfPage()[at - 1], playersOfPage()[at + 1]];
      return [
        playersOfPage().length > 1 && item(strings.playPage, () => (this.openMenu(false), playPage())),
        before && item(strings.previous, () => (this.openMenu(false), before.start(0))),
        after && item(strings.next, () => (this.openMenu(false), after.start(0))),
        item(strings.copyLink, (made) => this.copyLink(made)),
        make(
          "a",
          "speak-item",
          { href: this.audio.src, download: "" },
          make("span", "speak-word", {}, strings.download),
        ),
      ].filter(Boolean);
    }

    async copyLink(item) {
      const link = `${this.address}#${this.name}&t=${Math.floor(this.time * 10) / 10}`;
      try {
        await navigator.clipboard.writeText(link);
      } catch {
        return history.replaceState(history.state, "", link); // to be copied from the address bar
      }
      item.textContent = this.strings.linkCopied;
      status.textContent = this.strings.linkCopied;
    }

    /* The current time; during a run-up, the time it leads to. */
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
      if (this.audio.error) this.audio.load(); // the network may be back
      if (time !== undefined) this.seek(time, runUp);
      return this.audio.play().catch(() => this.update()); // a browser may require a click first
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

    /* The number of the present sentence; in a pause, of the one before it, and during a run-up, of the next. */
    sentence() {
      const now = Math.max(this.audio.currentTime + LEAD, this.time);
      return this.starts.findLastIndex((start) => start <= now);
    }

    onAudioEvent(type) {
      if (type === "play") activate(this);
      if (type === "error") this.fail();
      if (type === "ended") this.aim = 0;
      if (type === "ended") return finish(this);
      this.update();
    }

    fail() {
      this.note.hidden = false;
      status.textContent = this.strings.failed;
      finish(this); // "play the page" continues with the next
    }

    update() {
      this.transport.update();
      this.setReachable(!this.audio.paused);
      if (this !== active) return;
      bar.update();
      this.highlight(this.sentence());
      setPositionState(this);
    }

    /* Highlight a sentence. Scroll to it if the one before was in view, as the reader is then following. */
    highlight(sentence) {
      if (sentence === this.highlighted) return;
      const before = this.elementsOf(this.highlighted);
      const after = this.elementsOf(sentence);
      const follows = before.some(isInView) && after.length > 0 && !after.some(isInView);
      for (const element of before) element.classList.remove("speak-now");
      for (const element of after) element.classList.add("speak-now");
      this.highlighted = sentence;
      if (!follows) return;
      const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
      after[0].scrollIntoView({ behavior, block: "center" });
    }

    elementsOf(sentence) {
      if (sentence === undefined) return [];
      return [...document.querySelectorAll(`[data-cue="${CSS.escape(this.name)} ${sentence}"]`)];
    }

    /* While the player plays, a click on a sentence goes there, and the sentence shows that it can be clicked. */
    setReachable(isReachable) {
      if (isReachable === this.isReachable) return;
      this.isReachable = isReachable;
      for (const element of document.querySelectorAll(`[data-cue^="${CSS.escape(this.name)} "]`)) {
        element.classList.toggle("speak-reachable", isReachable);
      }
    }
  }

  // Only one player plays at a time

  function activate(player) {
    const before = active;
    active = player;
    if (before && before !== player) {
      before.audio.pause();
      before.highlight(undefined);
      if (!before.isConnected) before.audio.remove();
    }
    for (const audio of document.querySelectorAll("audio, video")) if (audio !== player.audio) audio.pause();
    player.note.hidden = true;
    player.audio.defaultPlaybackRate = player.audio.playbackRate = speed;
    bar ??= new Bar(player.strings);
    bar.watch();
    describe(player);
    follow();
  }

  function follow() {
    cancelAnimationFrame(frame);
    if (!active || active.audio.paused) return;
    active.highlight(active.sentence());
    frame = requestAnimationFrame(follow);
  }

  function playPage() {
    isPlayingPage = true;
    if (active && !active.audio.paused && playersOfPage().includes(active)) bar.update();
    else playersOfPage()[0]?.start(0);
  }

  function neighbour(step) {
    if (active.isConnected) queue = playersOfPage();
    return queue.includes(active) ? queue[queue.indexOf(active) + step] : undefined;
  }

  function goToPrevious() {
    if (active.audio.currentTime > RESTART_AFTER || !neighbour(-1)) active.seek(0);
    else neighbour(-1).start(0);
  }

  function finish(player) {
    if (player !== active) return;
    const next = isPlayingPage && neighbour(1);
    if (!next) return end();
    player.highlight(undefined);
    status.textContent = next.dataset.heading;
    next.start(0);
  }

  function end() {
    const player = active;
    active = null;
    isPlayingPage = false;
    player.highlight(undefined);
    player.audio.pause();
    player.update();
    if (!player.isConnected) player.audio.remove();
    bar.hide(player);
    if (navigator.mediaSession) navigator.mediaSession.metadata = null;
  }

  // The bar, shown while the active player is out of view

  let bar = null;

  class Bar {
    constructor(strings) {
      this.strings = strings;
      this.transport = new Transport(strings, () => active, true);
      this.previous = button("previous", strings.previous, goToPrevious);
      this.next = button("next", strings.next, () => neighbour(1)?.start(0));
      this.all = button("all", strings.playPage, () => {
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
        make("div", "speak-controls", {}, this.previous, ...this.transport.parts, this.next),
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
        // not every browser supports every action
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
      return name; // not percent-encoded
    }
  }

  addEventListener("hashchange", () => document.querySelectorAll("speak-player").forEach(followLink));

  // A click on a sentence plays from there: with Alt at any time, without it while its player plays

  document.addEventListener("click", (event) => {
    for (const player of document.querySelectorAll("speak-player:has(.speak-menu:not([hidden]))")) {
      if (!player.contains(event.target)) player.openMenu(false);
    }
    if (event.defaultPrevented || event.target.closest(NOT_TEXT)) return;
    for (let cue = event.target.closest("[data-cue]"); cue; cue = cue.parentElement.closest("[data-cue]")) {
      const [name, sentence] = cue.dataset.cue.split(" ");
      const player = [...document.querySelectorAll("speak-player")].find((one) => one.name === name);
      const isPlaying = player && player === active && !player.audio.paused;
      if (!player || !(event.altKey || (isPlaying && getSelection().isCollapsed))) continue;
      event.preventDefault();
      return player.start(player.starts[sentence], RUN_UP);
    }
  });

  customElements.define("speak-player", SpeakPlayer);
})();
