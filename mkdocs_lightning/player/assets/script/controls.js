/* The controls that an inline player and the bar share: play, position, time and speed. */

const STORED_CLOCK = "speak-clock";
const THUMB = 14; // pixels, as in the style sheet

let showsLeft = recall(STORED_CLOCK) === "left";

function updateControls() {
  for (const player of document.querySelectorAll("speak-player")) player.controls?.update();
  bar?.update();
}

function toggleClock() {
  showsLeft = !showsLeft;
  remember(STORED_CLOCK, showsLeft ? "left" : "total");
  updateControls();
}

class Controls {
  /* The inline player's controls name its title. The bar's have others among them. */
  constructor(strings, playerOf, title = "", { previous, next } = {}) {
    this.strings = strings;
    this.playerOf = playerOf;
    this.title = title;
    this.play = button("play", strings.play, () => playerOf().toggle());
    this.play.classList.add("speak-play");
    this.back = button("back", strings.back, () => playerOf().skip(-SKIP));
    this.forward = button("forward", strings.forward, () => playerOf().skip(SKIP));
    this.position = make("input", "speak-position", { type: "range", min: 0, step: "any" });
    this.listenToSlider();
    this.elapsed = make("button", "speak-elapsed", { type: "button" });
    this.elapsed.addEventListener("click", toggleClock);
    this.speed = new SpeedMenu(strings, title);
    label(this.back, strings.back, title);
    label(this.forward, strings.forward, title);
    label(this.position, strings.position, title);
    this.parts = [this.play, this.position, this.elapsed, previous, this.back, this.forward, next, ...this.speed.parts];
    this.parts = this.parts.filter(Boolean);
  }

  /* While the slider is dragged, it only shows where that leads; the sound goes there when it is released. */
  listenToSlider() {
    const release = () => {
      const player = this.playerOf();
      if (player?.preview === undefined) return;
      player.seek(player.preview);
      this.tellPosition();
    };
    this.position.addEventListener("input", () => this.playerOf().show(Number(this.position.value)));
    for (const type of ["change", "pointerup", "pointercancel"]) this.position.addEventListener(type, release);
    for (const type of ["focus", "blur"]) this.position.addEventListener(type, () => this.tellPosition());
    this.position.addEventListener("keydown", (event) => this.onKey(event));
    this.position.addEventListener("pointermove", (event) => this.tellPlace(event));
  }

  /* Where a click would lead, as the tip that the browser shows beside the pointer. */
  tellPlace({ clientX }) {
    const player = this.playerOf();
    const { left, width } = this.position.getBoundingClientRect();
    const share = (clientX - left - THUMB / 2) / (width - THUMB);
    const time = Math.min(Math.max(share, 0), 1) * player.duration;
    this.position.title = [clock(time), player.chapterAt(time)?.title].filter(Boolean).join(" · ");
  }

  update() {
    const player = this.playerOf();
    const { duration, time } = player;
    this.showState(player);
    this.speed.update();
    this.position.max = duration;
    if (player.preview === undefined) this.position.value = time;
    this.position.style.setProperty("--speak-at", duration ? Math.min(time / duration, 1) : 0);
    const text = `${clock(time)} / ${showsLeft ? `−${clock(duration - time)}` : clock(Math.round(duration))}`;
    if (this.elapsed.textContent === text) return;
    this.elapsed.textContent = text;
    this.nameClock(duration);
    if (document.activeElement !== this.position) this.tellPosition();
  }

  nameClock(duration) {
    this.elapsed.dataset.widest = `${clock(duration)} / −${clock(duration)}`;
    this.elapsed.title = showsLeft ? this.strings.time_total : this.strings.time_left;
    label(this.elapsed, this.elapsed.title, this.title);
  }

  showState(player) {
    const state = player.isPlaying ? "pause" : "play";
    this.play.classList.toggle("speak-loading", player.isLoading);
    if (this.shown === state && this.shownPlayer === player) return;
    [this.shown, this.shownPlayer] = [state, player];
    this.play.dataset.icon = state;
    this.play.title = this.strings[state];
    this.play.setAttribute("aria-label", filled(this.strings[`${state}_clip`], player.dataset.heading));
    this.play.replaceChildren(icon(state));
    this.position.style.setProperty("--speak-marks", marksOf(player));
  }

  /* What screen readers say of the position. They say it again whenever it changes on the element that has the focus: so
     then it only changes when the reader moves it, else with each second. */
  tellPosition() {
    const { time, duration } = this.playerOf() ?? {};
    if (duration) this.position.setAttribute("aria-valuetext", `${clock(time)} / ${clock(duration)}`);
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

/* A gap in the slider where each chapter begins, as the background of its track. */
function marksOf({ chapters, duration }) {
  const starts = chapters.map(({ start }) => start).filter((start) => start > 0 && start < duration);
  const stops = starts.map((start) => {
    const at = `${start / duration} * (100% - ${THUMB}px) + ${THUMB / 2}px`;
    return `transparent calc(${at} - 1px), var(--_surface) 0 calc(${at} + 1px), transparent 0`;
  });
  return stops.length ? `linear-gradient(to right, ${stops})` : "none";
}
