/* The volume of all players, and silence. Where only the system sets the volume, as on iOS, there is no slider. */

const STORED_VOLUME = "speak-volume";
const HAS_VOLUME = Object.assign(document.createElement("audio"), { volume: 0.5 }).volume === 0.5;

let volume = Number(recall(STORED_VOLUME)) || 1;
let isMuted = false; // not remembered: who comes back would wonder

function applyVolume({ audio }) {
  Object.assign(audio, { volume: Math.min(Math.max(volume, 0), 1), muted: isMuted });
}

function setVolume(value) {
  volume = value;
  if (value) remember(STORED_VOLUME, value);
  if (isMuted && value) toggleMuted();
  if (active) applyVolume(active);
}

function toggleMuted() {
  isMuted = !isMuted;
  volume ||= 1; // else nothing would be heard after the next one
  if (!active) return;
  applyVolume(active);
  active.say(isMuted ? active.strings.muted : null);
}

function volumeItem(strings) {
  if (!HAS_VOLUME) return null;
  const slider = make("input", "speak-volume", { type: "range", max: 1, step: 0.05, "aria-label": strings.volume });
  const show = () => slider.style.setProperty("--speak-at", slider.value);
  slider.value = isMuted ? 0 : volume;
  slider.addEventListener("input", () => {
    setVolume(Number(slider.value));
    show();
  });
  show();
  return make("div", "speak-volume-row", {}, strings.volume, slider);
}
