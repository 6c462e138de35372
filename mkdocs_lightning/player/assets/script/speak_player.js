/* The custom element: takes over the page's <audio>, and adds the controls. All that it needs to know are attributes. */

const AUDIO_EVENTS = ["play", "pause", "timeupdate", "seeked", "ratechange", "durationchange", "ended", "error"];

const owners = new WeakMap(); // audio element -> its player

class SpeakPlayer extends HTMLElement {
  connectedCallback() {
    if (this.audio) return this.takeAudioBack(); // the element was moved
    const audio = this.querySelector("audio");
    const strings = stringsOfPage();
    if (!audio || !strings || !this.dataset.starts) return; // a custom template: keep the browser's own controls
    this.strings = strings;
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
    this.controls = new Controls(this.strings, () => this);
    this.menu = new Menu(this.strings, () => this);
    this.menu.closeWith(this);
    this.note = make("div", "speak-note", { hidden: "" }, this.strings.failed);
    this.append(make("div", "speak-controls", {}, ...this.controls.parts, ...this.menu.parts), this.note);
    if (!status.isConnected) document.body.append(status);
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
    announce(this.strings.failed);
    finish(this); // "play the page" continues with the next
  }

  update() {
    this.controls.update();
    setReachable(this, !this.audio.paused);
    if (this !== active) return;
    bar.update();
    highlight(this, this.sentence());
    setPositionState(this);
  }
}
