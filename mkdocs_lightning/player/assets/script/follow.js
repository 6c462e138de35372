/* The sentence that is heard: highlighted, followed, and clicked. */

const NOT_TEXT = "a, button, input, select, textarea, summary, label, audio, video";

let frame = 0; // the request for the next update of the highlight

function isInView(element) {
  const { top, bottom, height } = element.getBoundingClientRect();
  const bottomEdge = bar && !bar.element.hidden ? bar.element.getBoundingClientRect().top : innerHeight;
  return height > 0 && top >= 0 && bottom <= bottomEdge;
}

function elementsOf(player, sentence) {
  if (sentence === undefined) return [];
  return [...document.querySelectorAll(`[data-cue="${CSS.escape(player.name)} ${sentence}"]`)];
}

/* Highlight a sentence. Scroll to it if the one before was in view, as the reader is then following. */
function highlight(player, sentence) {
  showWord(player, sentence);
  if (sentence === player.highlighted) return;
  const before = elementsOf(player, player.highlighted);
  const after = elementsOf(player, sentence);
  const follows = before.some(isInView) && after.length > 0 && !after.some(isInView);
  for (const element of before) element.classList.remove("speak-now");
  for (const element of after) element.classList.add("speak-now");
  player.highlighted = sentence;
  if (!follows) return;
  const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
  after[0].scrollIntoView({ behavior, block: "center" });
}

function follow() {
  cancelAnimationFrame(frame);
  if (!active || active.audio.paused) return;
  highlight(active, active.sentence());
  frame = requestAnimationFrame(follow);
}

/* While a player plays, a click on a sentence goes there, and the sentence shows that it can be clicked. */
function setReachable(player, isReachable) {
  if (isReachable === Boolean(player.isReachable)) return;
  player.isReachable = isReachable;
  for (const element of document.querySelectorAll(`[data-cue^="${CSS.escape(player.name)} "]`)) {
    element.classList.toggle("speak-reachable", isReachable);
  }
}

// A click on a sentence plays from there: with Alt at any time, without it while its player plays

document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.target.closest(NOT_TEXT)) return;
  for (let cue = event.target.closest("[data-cue]"); cue; cue = cue.parentElement.closest("[data-cue]")) {
    const [name, sentence] = cue.dataset.cue.split(" ");
    const player = [...document.querySelectorAll("speak-player")].find((one) => one.name === name);
    const isPlaying = player && player === active && !player.audio.paused;
    if (!player || !(event.altKey || (isPlaying && getSelection().isCollapsed))) continue;
    event.preventDefault();
    return player.start(player.starts[sentence], RUN_UP);
  }
});
