/* The custom element: takes over the page's <audio>, and adds the controls. All that it needs to know are attributes. */

const AUDIO_EVENTS = (
  "play pause timeupdate seeked ratechange durationchange ended error loadedmetadata waiting stalled canplay playing"
).split(" ");

const LOADING_TOLD = 1500; // milliseconds
const THEME_SCROLLS = 200; // milliseconds after which a theme has scrolled a page that it has shown without loading it

const owners = new WeakMap(); // audio element -> its player

/* Players get their controls when they come near the view: a page may have hundreds. */
const nearby = new IntersectionObserver(
  (entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => entry.target.build()),
  { rootMargin: "200% 0px" },
);

class SpeakPlayer extends HTMLElement {
  isRepeated = false;

  connectedCallback() {
    isQueueStale = true;
    if (this.audio) return this.takeAudioBack(); // the element was moved
    const audio = this.querySelector("audio");
    this.strings = stringsOfPage();
    if (!audio || !this.strings || !this.dataset.starts) return; // a custom template: keep the browser's own controls
    this.audio = audio;
    this.source = audio.src; // absolute, as the page's address may change while it plays
    this.name = this.closest("[id]")?.id;
    this.address = location.href.split("#")[0];
    this.setAttribute("role", "group");
    this.setAttribute("aria-label", audio.getAttribute("aria-label"));
    if (this.isHeardAlready || document.querySelector("speak-player") === this) this.build();
    else nearby.observe(this);
    followLink(this);
    arrive(this);
  }

  disconnectedCallback() {
    isQueueStale = true;
    nearby.unobserve(this);
    if (this !== active) return;
    if (!this.isPlaying) return end();
    bar.element.append(this.audio); // the page is gone, but its clip plays on
    bar.keepAfterPage();
  }

  /* Whether this clip plays on from before, when the reader left its page. */
  get isHeardAlready() {
    return active && !active.isConnected && active.source === this.source;
  }

  /* Take the audio element back from the bar. */
  takeAudioBack() {
    if (!this.controls) nearby.observe(this);
    this.append(this.audio);
    if (this === active) bar.watch();
  }

  /* Make the controls, unless they are there. */
  build() {
    if (!this.audio || this.controls) return;
    nearby.unobserve(this);
    const hadFocus = this.contains(document.activeElement); // the browser's own controls
    const { heading } = this.dataset;
    this.starts = this.dataset.starts.split(" ").map(Number);
    this.chapters = JSON.parse(this.dataset.chapters ?? "[]").map(([start, title]) => ({ start, title }));
    this.controls = new Controls(this.strings, () => this, heading);
    this.menu = new Menu(this.strings, () => this, heading);
    this.menu.closeWith(this);
    this.note = make("div", "speak-note", { hidden: "" });
    this.adopt();
    this.append(make("div", "speak-controls", {}, ...this.controls.parts, ...this.menu.parts), this.note);
    if (!status.isConnected) document.body.append(status);
    if (hadFocus) this.controls.play.focus({ preventScroll: true });
    this.update();
    if (this === active) setTimeout(() => this === active && followAgain(this), THEME_SCROLLS);
  }

  /* Take over the audio element, or the one that is playing already if the reader has come back to its page. */
  adopt() {
    if (this.isHeardAlready) {
      this.audio.replaceWith(active.audio);
      this.audio = active.audio;
      owners.set(this.audio, this);
      active = this;
      bar.watch();
    } else {
      this.audio.src = this.source;
      for (const type of AUDIO_EVENTS) this.audio.addEventListener(type, listen);
      owners.set(this.audio, this);
      offerToResume(this);
    }
    this.audio.controls = false;
    this.audio.preservesPitch = true;
  }

  /* The time that is shown: while the slider is dragged, where it leads; until a seek is done, where that leads. */
  get time() {
    return this.preview ?? this.aim ?? this.audio.currentTime;
  }

  /* Not the browser's own: it takes some clips for endless streams, such as Opus from a server without ranges. */
  get duration() {
    return Number(this.dataset.duration);
  }

  /* Whether it is heard, or will be when enough has arrived. */
  get isPlaying() {
    return this.loadsWhole ? this.playsWhenLoaded : !this.audio.paused;
  }

  get isLoading() {
    const { paused, readyState, error } = this.audio;
    return Boolean(this.loadsWhole) || (!paused && !error && readyState < HTMLMediaElement.HAVE_FUTURE_DATA && !isMoving(this));
  }

  get chapter() {
    return this.chapterAt(this.time);
  }

  chapterAt(time) {
    return this.chapters.findLast(({ start }) => start <= time + LEAD);
  }

  toggle() {
    if (this.isPlaying) this.pause();
    else this.start();
  }

  pause() {
    this.playsWhenLoaded = false;
    this.audio.pause();
    this.update();
  }

  start(time, runUp) {
    this.build();
    this.playsWhenLoaded = true;
    if (this.audio.error) this.reload();
    if (time !== undefined) this.seek(time, runUp);
    if (this.loadsWhole) return activate(this);
    return this.play();
  }

  /* Play, or return why not: a browser may require a click first. */
  async play() {
    try {
      await this.audio.play();
    } catch (error) {
      if (error.name === "NotAllowedError" && borrowAudio(this)) return this.play();
      this.update();
      return error;
    }
  }

  /* Try again where it failed: the network may be back. */
  reload() {
    const time = this.time;
    this.audio.load();
    this.moveTo(time, 0);
  }

  seek(time, runUp = 0) {
    this.build();
    const isReleased = this.preview !== undefined; // then the page jumps there, once
    this.preview = this.endsAt = undefined;
    this.isToResume = false;
    this.moveTo(Math.min(Math.max(time, 0), this.duration), runUp);
    this.update();
    if (this === active) followAgain(this, { isAsked: true, isAtOnce: isReleased });
  }

  moveTo(time, runUp) {
    if (this.loadsWhole || !canSeek(this.audio, time)) return loadWhole(this, time);
    [this.aim, this.runUp] = [time, runUp];
    this.isWaitingToSeek = this.audio.readyState === HTMLMediaElement.HAVE_NOTHING; // else WebKit does not play on
    if (!this.isWaitingToSeek) this.audio.currentTime = Math.max(time - runUp, 0);
  }

  /* Show what is at a time without going there yet. */
  show(time) {
    this.preview = time;
    this.update();
  }

  skip(seconds) {
    this.seek(this.time + seconds);
  }

  seekSentence(step) {
    const start = this.starts[this.sentence() + step];
    if (start !== undefined) this.seek(start, RUN_UP);
  }

  /* The number of the present sentence; in a pause, of the one before it, and during a run-up, of the next. */
  sentence() {
    const now = this.preview ?? Math.max(this.audio.currentTime + LEAD, this.aim ?? 0);
    return this.starts.findLastIndex((start) => start <= now);
  }

  onAudioEvent(type) {
    settle(this);
    if (type === "play") activate(this);
    if (type === "timeupdate") endInTime(this);
    if (type === "error") return this.fail();
    if (type === "ended") this.aim = undefined;
    saveAt(this, type);
    if (type === "timeupdate") prepareNextPage(this);
    notify(this, type);
    if (type === "ended") return finish(this);
    this.update();
  }

  fail() {
    if (giveUpWhole(this)) return;
    this.aim = this.time;
    this.audio.pause();
    this.say(`${this.strings.failed}. ${this.strings.retry}`);
    this.update();
    if (this === active && isPlayingPage && neighbour(1)) finish(this);
  }

  /* Tell the reader something, in the player and in the bar; null is nothing. */
  say(text) {
    for (const { note } of this === active ? [this, bar] : [this]) {
      note.hidden = !text;
      note.textContent = text ?? "";
    }
    if (text) announce(text);
  }

  /* Tell those who do not see it that the clip is on its way, if that takes long. */
  tellLoading() {
    if (this.isLoading === this.wasLoading) return;
    this.wasLoading = this.isLoading;
    this.setAttribute("aria-busy", this.isLoading);
    clearTimeout(this.loadingTimer);
    if (this.isLoading) this.loadingTimer = setTimeout(() => announce(this.strings.loading), LOADING_TOLD);
  }

  update() {
    this.controls.update();
    this.tellLoading();
    updateResume(this);
    setReachable(this, this.isPlaying);
    if (this !== active) return;
    bar.update();
    showSentence(this);
    setPositionState(this);
  }
}

function listen({ type, target }) {
  owners.get(target).onAudioEvent(type);
}

// Whoever gets to the browser's own controls before ours are there, by the keyboard or a program, gets ours now
for (const type of ["focusin", "play"]) {
  document.addEventListener(type, ({ target }) => target.closest?.("speak-player")?.build?.(), true);
}
