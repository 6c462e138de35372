/* The controls that an inline player and the bar share: play, position, time and speed. */

const STORED_SPEED = "speak-speed";

let speed = storedSpeed();

function storedSpeed() {
  const stored = Number(recall(STORED_SPEED));
  return SPEEDS.includes(stored) ? stored : 1;
}

function setSpeed(rate) {
  speed = rate;
  remember(STORED_SPEED, rate);
  if (active) active.audio.playbackRate = rate;
  for (const player of document.querySelectorAll("speak-player")) player.controls?.update();
  bar?.update();
}

function changeSpeed(step) {
  setSpeed(SPEEDS[Math.min(Math.max(SPEEDS.indexOf(speed) + step, 0), SPEEDS.length - 1)]);
}

class Controls {
  /* The inline player's controls name its title, as a page may have hundreds of them. The bar's show the duration. */
  constructor(strings, playerOf, title = "") {
    this.strings = strings;
    this.playerOf = playerOf;
    this.showsDuration = !title;
    this.play = button("play", strings.play, () => playerOf().toggle());
    this.back = button("back", strings.back, () => playerOf().skip(-SKIP));
    this.forward = button("forward", strings.forward, () => playerOf().skip(SKIP));
    this.position = make("input", "speak-position", { type: "range", min: 0, step: "any", "aria-label": strings.position });
    this.listenToSlider();
    this.elapsed = make("span", "speak-elapsed", { "aria-hidden": "true" });
    this.speed = make("select", "speak-speed", { "aria-label": strings.speed, title: strings.speed });
    this.speed.append(...SPEEDS.map((rate) => new Option(`${rate}×`, rate)));
    this.speed.addEventListener("change", () => setSpeed(Number(this.speed.value)));
    for (const control of [this.back, this.forward, this.position, this.speed]) nameFor(control, title);
  }

  get parts() {
    return [this.back, this.play, this.forward, this.position, this.elapsed, this.speed];
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
  }

  update() {
    const player = this.playerOf();
    const { duration, time } = player;
    this.showState(player);
    this.speed.value = speed;
    this.position.max = duration;
    if (player.preview === undefined) this.position.value = time;
    const text = clock(time) + (this.showsDuration ? ` / ${clock(Math.round(duration))}` : "");
    if (this.elapsed.textContent === text) return;
    this.elapsed.textContent = text;
    if (document.activeElement !== this.position) this.tellPosition();
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

/* Add a clip's title to the accessible name of one of its controls. */
function nameFor(control, title) {
  if (title) control.setAttribute("aria-label", `${control.getAttribute("aria-label")}, ${title}`);
}
