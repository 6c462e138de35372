/* Seeks that do not happen. A server that does not answer Range requests sends a clip only from its start. So a clip of a
   moderate size is then loaded whole, and sought in memory; of any other, the reader is told that it cannot be sought. */

const MOST_BYTES = 30e6;
const TOLERANCE = 0.5; // seconds
const STILL = 500; // milliseconds without a change of time, after which nothing is heard

/* Whether a browser can go to a time. Before it has loaded anything, it may; WebKit, if it is asked for `seekable` then,
   never gets to know how long the clip is. */
function canSeek(audio, time) {
  if (audio.readyState === HTMLMediaElement.HAVE_NOTHING || time < TOLERANCE) return true;
  const { seekable } = audio;
  for (let part = 0; part < seekable.length; part += 1) {
    if (seekable.start(part) <= time && time <= seekable.end(part) + TOLERANCE) return true;
  }
  return false;
}

/* A seek is shown at once. When it is done, the audio's own time is shown; and what to do when it was not done. */
function settle(player) {
  const { audio, aim } = player;
  noteMove(player);
  if (aim === undefined || player.loadsWhole || audio.seeking || audio.error || audio.readyState === 0) return;
  if (player.isWaitingToSeek) return player.moveTo(aim, player.runUp);
  const isMissed = audio.currentTime < aim - RUN_UP - TOLERANCE; // WebKit may find out only by trying
  if (isMissed || !canSeek(audio, aim)) loadWhole(player, aim);
  else if (audio.currentTime >= aim) player.aim = undefined;
}

/* WebKit may say that it has no data, and play on: what counts is whether the time moves. */
function noteMove(player) {
  const step = player.audio.currentTime - player.timeBefore;
  if (step === 0) return;
  if (step > 0 && step < TOLERANCE) player.movedAt = performance.now();
  player.timeBefore = player.audio.currentTime;
}

function isMoving({ movedAt }) {
  return performance.now() - movedAt < STILL;
}

async function loadWhole(player, time) {
  player.aim = undefined;
  if (player.isTooLarge) return refuse(player);
  const isFirst = !player.loadsWhole;
  player.loadsWhole = { time };
  if (!isFirst) return; // the latest seek counts
  player.playsWhenLoaded = !player.audio.paused;
  player.audio.pause();
  player.update();
  const clip = await fetchClip(player.source);
  const { time: latest } = player.loadsWhole;
  player.loadsWhole = null;
  if (clip) {
    player.audio.src = URL.createObjectURL(clip);
    player.moveTo(latest, 0);
  } else {
    player.isTooLarge = true;
    refuse(player);
  }
  if (player.playsWhenLoaded) player.start();
  player.update();
}

async function fetchClip(url) {
  const loading = new AbortController();
  try {
    const reply = await fetch(url, { signal: loading.signal });
    const size = Number(reply.headers.get("content-length"));
    if (reply.ok && size && size <= MOST_BYTES) return await reply.blob();
    loading.abort();
  } catch {
    // the network, or a page's policy, is against it
  }
  return null;
}

function refuse(player) {
  player.say(player.strings.no_seek);
}

/* If a clip was loaded whole, and the page's policy is against playing it: play it as the server sends it, after all. */
function giveUpWhole(player) {
  if (!player.audio.src.startsWith("blob:")) return false;
  player.isTooLarge = true;
  player.aim = undefined;
  player.audio.src = player.source;
  refuse(player);
  if (player.playsWhenLoaded) player.start();
  return true;
}
