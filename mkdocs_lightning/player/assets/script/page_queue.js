/* The players of a page: only one plays at a time, and they can play one after the other. */

const RESTART_AFTER = 3; // seconds after which "previous" goes to the start of the same clip

let queue = []; // the players of the active player's page, in order
let isQueueStale = true; // whether players have come or gone since
let isPlayingPage = false;
let lastPlayed = null; // an audio element
let tabs = null; // the channel to other tabs of the site

/* Not those of blocks inside another block, which are spoken with it, nor that of the whole page. */
function playersOfPage() {
  return [...document.querySelectorAll("speak-player:not([data-page])")].filter(
    (player) => player.audio && !player.closest(".speak-text"),
  );
}

/* Make a player the one that keys, bar and lock screen are for. */
function activate(player) {
  const before = active;
  active = player;
  if (before && before !== player) {
    before.pause();
    highlight(before, undefined);
    if (!before.isConnected) before.audio.remove();
  }
  for (const audio of document.querySelectorAll("audio, video")) if (audio !== player.audio) audio.pause();
  if (player.isPlaying) {
    lastPlayed = player.audio;
    pauseOtherTabs();
  }
  player.audio.defaultPlaybackRate = player.audio.playbackRate = speed;
  player.audio.loop = player.isRepeated;
  applyVolume(player);
  bar ??= new Bar(player.strings);
  player.say(isMuted ? player.strings.muted : null);
  bar.watch();
  describe(player);
  followAgain(player, {});
  followFrames();
}

/* WebKit lets an element play that the reader has started before, and no other. So a player that is refused takes over the
   element that played last, and gives its own in return. */
function borrowAudio(player) {
  const [own, lent] = [player.audio, lastPlayed];
  const owner = lent && owners.get(lent);
  if (!owner || owner === player || !lent.paused) return false;
  const time = player.time;
  const place = make("span");
  lent.replaceWith(place);
  own.replaceWith(lent);
  place.replaceWith(own);
  const tracks = [...own.children];
  own.replaceChildren(...lent.children);
  lent.replaceChildren(...tracks);
  for (const [one, audio] of [[player, lent], [owner, own]]) {
    one.audio = audio;
    one.aim = undefined;
    audio.src = one.source;
    owners.set(audio, one);
  }
  player.moveTo(time, 0);
  return true;
}

/* One voice in all tabs of a site. */
function pauseOtherTabs() {
  if (!tabs && "BroadcastChannel" in window) {
    tabs = new BroadcastChannel("speak-player");
    tabs.addEventListener("message", () => active?.pause());
  }
  tabs?.postMessage("play");
}

function playPage() {
  isPlayingPage = true;
  if (active?.isPlaying && playersOfPage().includes(active)) bar.update();
  else playersOfPage()[0]?.start(0);
}

function neighbour(step) {
  if (isQueueStale && active.isConnected) [queue, isQueueStale] = [playersOfPage(), false];
  return queue.includes(active) ? queue[queue.indexOf(active) + step] : undefined;
}

/* Play a clip again and again, or no longer; whether it is now. */
function repeat(player) {
  return (player.audio.loop = player.isRepeated = !player.isRepeated);
}

function goToPrevious() {
  if (active.time > RESTART_AFTER || !neighbour(-1)) active.seek(0);
  else neighbour(-1).start(0);
}

/* Go on to what comes after a clip that has ended. */
function finish(player) {
  if (player !== active) return;
  const next = (isPlayingPage || isPlayingOn) && neighbour(1);
  if (!next) {
    if (isPlayingOn) playNextPage(player);
    return end();
  }
  highlight(player, undefined);
  announce(next.dataset.heading);
  next.start(0);
}

function end() {
  const player = active;
  player.pause();
  active = null;
  isPlayingPage = false;
  const inView = viewedElement(player);
  highlight(player, undefined);
  player.update();
  if (!player.isConnected) player.audio.remove();
  if (bar.hide()) focusOn(inView);
  if (navigator.mediaSession) navigator.mediaSession.metadata = null;
}

/* What the reader sees of a player that is closed: its button, or else its sentence, or whatever is there. */
function viewedElement(player) {
  const places = [player.isConnected && player.controls.play, ...elementsOf(player, player.highlighted)];
  return places.filter(Boolean).find(isInView) ?? document.elementFromPoint(innerWidth / 2, innerHeight / 3);
}

/* Give an element the focus, even one that cannot be focused otherwise. */
function focusOn(element) {
  element?.focus({ preventScroll: true });
  if (!element || element === document.activeElement) return;
  element.tabIndex = -1;
  element.addEventListener("blur", () => element.removeAttribute("tabindex"), { once: true });
  element.focus({ preventScroll: true });
}
