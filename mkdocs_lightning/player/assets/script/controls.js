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

class Controls {
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
