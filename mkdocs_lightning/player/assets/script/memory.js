/* Where the reader stopped: remembered for each clip, by the name of its file, which stands for its content. */

const STORED_POSITIONS = "speak-positions";
const MOST_POSITIONS = 200;
const MOST_DAYS = 90;
const WORTHWHILE = 5; // seconds from the start or the end
const SAVE_EVERY = 5; // seconds

let saved = 0; // the time that was saved last

function clipOf(player) {
  return new URL(player.source).pathname.split("/").pop();
}

/* Clip -> [seconds, day], the latest last; without what is not of this form, as others may have stored it. */
function storedPositions() {
  try {
    const stored = Object.entries(JSON.parse(recall(STORED_POSITIONS) ?? "{}"));
    const isOurs = ([, value]) => value?.length === 2 && value.every?.(Number.isFinite) && value[0] > 0;
    return new Map(stored.filter(isOurs));
  } catch {
    return new Map(); // not ours
  }
}

function today() {
  return Math.floor(Date.now() / 864e5);
}

function savePosition(player, time = player.time) {
  const positions = storedPositions();
  positions.delete(clipOf(player));
  if (time > WORTHWHILE && time < player.duration - WORTHWHILE) {
    positions.set(clipOf(player), [Math.round(time * 10) / 10, today()]);
  }
  const recent = [...positions].filter(([, [, day]]) => today() - day < MOST_DAYS).slice(-MOST_POSITIONS);
  remember(STORED_POSITIONS, JSON.stringify(Object.fromEntries(recent)));
  saved = time;
}

/* Save the position while it plays, when it pauses, and when it has ended. */
function saveAt(player, type) {
  if (type === "ended") savePosition(player, 0);
  else if (type === "pause" || (type === "timeupdate" && Math.abs(player.time - saved) > SAVE_EVERY)) savePosition(player);
}

/* Stand where the reader stopped, and say so. */
function offerToResume(player) {
  const [time, day] = storedPositions().get(clipOf(player)) ?? [];
  if (!(time < player.duration) || today() - day >= MOST_DAYS) return;
  player.moveTo(time, 0);
  player.isToResume = true;
  player.resume = make("button", "speak-resume", { type: "button" }, filled(player.strings.resume, clock(time)));
  player.resume.addEventListener("click", () => player.start());
  player.append(player.resume);
}

function updateResume(player) {
  if (!player.resume || (player.isToResume && !player.isPlaying)) return;
  player.resume.remove();
  player.resume = null;
}

addEventListener("pagehide", () => active && savePosition(active));
