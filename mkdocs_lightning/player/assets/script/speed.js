/* The speed of all players, and its list. */

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3];
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
  updateControls();
}

function changeSpeed(step) {
  setSpeed(SPEEDS[Math.min(Math.max(SPEEDS.indexOf(speed) + step, 0), SPEEDS.length - 1)]);
}

/* A menu as ARIA has it: it takes the focus, and choosing or leaving closes it. */
class SpeedMenu extends Popup {
  constructor(strings, title) {
    const opener = make("button", "speak-speed", { type: "button", "aria-haspopup": "menu", title: strings.speed });
    super(opener, { role: "menu", "aria-label": strings.speed });
    this.strings = strings;
    this.title = title;
    opener.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
      event.preventDefault();
      this.toggle(true);
    });
    this.closeWith(opener, this.element);
  }

  toggle(isOpen) {
    super.toggle(isOpen);
    if (isOpen) this.element.querySelector("[aria-checked=true]").focus({ preventScroll: true });
  }

  items() {
    return SPEEDS.map((rate) => {
      const attributes = { type: "button", role: "menuitemradio", "aria-checked": rate === speed, tabindex: -1 };
      const item = make("button", "speak-item", attributes, `${rate}×`);
      item.addEventListener("click", () => {
        setSpeed(rate);
        this.toggle(false);
      });
      return item;
    });
  }

  update() {
    const text = `${speed}×`;
    if (this.button.textContent === text) return;
    this.button.textContent = text;
    label(this.button, `${this.strings.speed}: ${text}`, this.title);
  }
}
