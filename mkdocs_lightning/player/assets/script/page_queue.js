/* The players of a page: only one plays at a time, and they can play one after the other. */

const RESTART_AFTER = 3; // seconds after which "previous" goes to the start of the same clip

let queue = []; // the players of the active player's page, in order
let isPlayingPage = false;

/* Not those of blocks inside another block, which are spoken with it, nor that of the whole page. */
function playersOfPage() {
  return [...document.querySelectorAll("speak-player:not([data-page])")].filter(
    (player) => player.audio && !player.closest(".speak-text"),
  );
}

function activate(player) {
  const before = active;
  active = player;
  if (before && before !== player) {
    before.audio.pause();
    highlight(before, undefined);
    if (!before.isConnected) before.audio.remove();
  }
  for (const audio of document.querySelectorAll("audio, video")) if (audio !== player.audio) audio.pause();
  player.note.hidden = true;
  player.audio.defaultPlaybackRate = player.audio.playbackRate = speed;
  bar ??= new Bar(player.strings);
  bar.watch();
  describe(player);
  follow();
}

function playPage() {
  isPlayingPage = true;
  if (active && !active.audio.paused && playersOfPage().includes(active)) bar.update();
  else playersOfPage()[0]?.start(0);
}

function neighbour(step) {
  if (active.isConnected) queue = playersOfPage();
  return queue.includes(active) ? queue[queue.indexOf(active) + step] : undefined;
}

function goToPrevious() {
  if (active.audio.currentTime > RESTART_AFTER || !neighbour(-1)) active.seek(0);
  else neighbour(-1).start(0);
}

function finish(player) {
  if (player !== active) return;
  const next = isPlayingPage && neighbour(1);
  if (!next) return end();
  highlight(player, undefined);
  announce(next.dataset.heading);
  next.start(0);
}

function end() {
  const player = active;
  active = null;
  isPlayingPage = false;
  highlight(player, undefined);
  player.audio.pause();
  player.update();
  if (!player.isConnected) player.audio.remove();
  bar.hide(player);
  if (navigator.mediaSession) navigator.mediaSession.metadata = null;
}
