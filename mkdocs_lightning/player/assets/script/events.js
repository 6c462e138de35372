/* What other scripts of a page get to know: `speak:play`, `speak:pause`, `speak:progress`, `speak:ended`. */

const QUARTERS = [25, 50, 75];

/* Pass an event of the audio on. */
function notify(player, type) {
  if (type === "timeupdate") tellProgress(player);
  if (type === "play" || type === "ended" || (type === "pause" && !player.audio.ended)) tell(player, type);
}

/* Each quarter of a clip that is reached, once. */
function tellProgress(player) {
  if (player !== active || !player.isPlaying) return;
  const percent = QUARTERS.findLast((quarter) => player.time >= (player.duration * quarter) / 100);
  if (!(percent > (player.percent ?? 0))) return;
  player.percent = percent;
  tell(player, "progress", { percent });
}

function tell(player, type, more) {
  const { address: page, duration, time } = player;
  const detail = { page, clip: clipOf(player), title: player.dataset.heading, sentence: player.sentence(), time, duration, ...more };
  const target = player.isConnected ? player : document; // its page may be gone
  target.dispatchEvent(new CustomEvent(`speak:${type}`, { bubbles: true, detail }));
}
