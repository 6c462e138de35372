/* Sentences that are clicked, and which players speak them. */

const NOT_TEXT = "a, button, input, select, textarea, summary, label, audio, video";
const DOUBLE_CLICK = 300; // milliseconds to wait for a second click

let clicked = 0; // the timer of a click that may become a double click

/* While a player plays, a click on a sentence goes there, and the sentence shows that it can be clicked. */
function setReachable(player, isReachable) {
  if (isReachable === Boolean(player.isReachable) || !player.isConnected) return;
  player.isReachable = isReachable;
  for (const element of document.querySelectorAll(`[data-cue^="${CSS.escape(player.name)} "]`)) {
    element.classList.toggle("speak-reachable", isReachable);
  }
}

/* A click on a sentence plays from there: with Alt at any time, without it while its player plays. */
document.addEventListener("click", (event) => {
  clearTimeout(clicked);
  if (event.defaultPrevented || event.detail > 1 || event.target.closest(NOT_TEXT)) return;
  const isHeard = (player) => player === active && player.isPlaying && getSelection().isCollapsed;
  const found = playersWith(event.target).find(([player]) => event.altKey || isHeard(player));
  if (!found) return;
  event.preventDefault();
  if (event.altKey || event.pointerType === "touch") return startSentence(...found);
  clicked = setTimeout(() => isHeard(found[0]) && startSentence(...found), DOUBLE_CLICK);
});

/* The players that speak a piece of text, the innermost first, each with the number of the sentence. */
function playersWith(element) {
  const found = [];
  for (let cue = element.closest("[data-cue]"); cue; cue = cue.parentElement.closest("[data-cue]")) {
    const [name, sentence] = cue.dataset.cue.split(" ");
    const player = playerNamed(name);
    if (player) found.push([player, sentence]);
  }
  return found;
}

function startSentence(player, sentence) {
  player.build();
  player.start(player.starts[sentence], RUN_UP);
}

function playerNamed(name) {
  const player = document.getElementById(name)?.querySelector("speak-player");
  return player?.name === name ? player : undefined;
}
