/* The sentence that is heard: highlighted, and followed.

   Following is a state. It is on whenever the reader has started the voice or sent it somewhere, and off as soon as the
   reader scrolls the text. The bar then has a button that leads back. */

const SCROLL_KEYS = new Set(["ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End", " ", "Tab", "Enter"]);
const OPENERS = "summary, .tabbed-set label, .tabbed-set > input";
const SCROLL_DELAY = 1000; // milliseconds within which the page scrolls after what the reader did

let isFollowing = false;
let frame = 0; // the request for the next update of the highlight
let lastLed = {}; // the element that the page was scrolled to last, and when
let lastAct = -Infinity; // when the reader last did what may scroll
const closedByReader = new WeakSet(); // details and sets of tabs

function elementsOf(player, sentence) {
  if (sentence === undefined || !player.isConnected) return []; // another page may have the same names
  return [...document.querySelectorAll(`[data-cue="${CSS.escape(player.name)} ${sentence}"]`)];
}

function isInView(element) {
  const { top, bottom, height } = element.getBoundingClientRect();
  const bottomEdge = bar && !bar.element.hidden ? bar.element.getBoundingClientRect().top : innerHeight;
  return height > 0 && top >= 0 && bottom <= bottomEdge;
}

/* Whether the highlighted sentence can be seen; if none is highlighted, there is nothing to be seen. */
function isSentenceInView(player) {
  const elements = elementsOf(player, player.highlighted);
  return !elements.length || elements.some(isInView);
}

function highlight(player, sentence) {
  showWord(player, sentence);
  if (sentence === player.highlighted) return;
  for (const element of elementsOf(player, player.highlighted)) element.classList.remove("speak-now");
  for (const element of elementsOf(player, sentence)) element.classList.add("speak-now");
  player.highlighted = sentence;
  if (player !== active) return;
  if (isFollowing && player.preview === undefined) lead(player);
  else bar.show();
}

/* Highlight what is heard. While nothing is, as it is still loading, the highlight stays where it is; what cannot be
   played has none. */
function showSentence(player) {
  if (player.audio.error) highlight(player, undefined);
  else if (!player.isLoading || player.preview !== undefined) highlight(player, player.sentence());
}

function followFrames() {
  cancelAnimationFrame(frame);
  if (!active || active.audio.paused) return;
  settle(active);
  endInTime(active);
  showSentence(active);
  frame = requestAnimationFrame(followFrames);
}

/* Follow the voice from now on, wherever the reader has scrolled to. */
function followAgain(player, how = { isAsked: true }) {
  isFollowing = true;
  [lastAct, lastLed] = [-Infinity, {}];
  lead(player, how);
  bar?.show();
}

function stopFollowing() {
  isFollowing = false;
  bar.show();
}

/* Bring the highlighted sentence into view. If the reader asks for it, even what they have closed is opened. */
function lead(player, { isAsked = false, isAtOnce = false } = {}) {
  const elements = elementsOf(player, player.highlighted);
  const [first] = elements;
  if (!first || first.closest(".speak-text--hidden")) return;
  reveal(first, isAsked);
  if (elements.some(isInView) || first.checkVisibility?.() === false || (!isAsked && isOnTheWay(first))) return;
  const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
  first.scrollIntoView({ behavior: isAtOnce || isStill ? "instant" : "smooth", block: "center" });
  [lastLed, lastAct] = [{ element: first, time: performance.now() }, -Infinity]; // what scrolls now are we
}

/* Whether the page is being scrolled to an element already. */
function isOnTheWay(element) {
  return element === lastLed.element && performance.now() - lastLed.time < SCROLL_DELAY && lastAct < lastLed.time;
}

/* Open the details and tabs that an element is in. */
function reveal(element, isAsked) {
  for (let box = element.parentElement; box; box = box.parentElement) {
    const parent = box.parentElement;
    if (box.matches("details:not([open])")) open(box, isAsked, () => (box.open = true));
    else if (parent?.matches(".tabbed-set > .tabbed-content")) {
      const tab = parent.parentElement.querySelectorAll(":scope > input")[[...parent.children].indexOf(box)];
      if (tab && !tab.checked) open(parent.parentElement, isAsked, () => tab.click());
    }
  }
}

function open(box, isAsked, opens) {
  if (isAsked) closedByReader.delete(box);
  if (!closedByReader.has(box)) opens();
}

// What the reader does

function noteAct(event) {
  if (event.target.closest?.(OPENERS)) return;
  if (event.type !== "keydown" || (SCROLL_KEYS.has(event.key) && !event.defaultPrevented)) lastAct = performance.now();
}

for (const type of ["wheel", "touchmove", "pointerdown", "keydown"]) addEventListener(type, noteAct, { passive: true });

addEventListener(
  "scroll",
  ({ target }) => {
    if (!isFollowing || !active || performance.now() - lastAct > SCROLL_DELAY) return;
    const [first] = elementsOf(active, active.highlighted);
    if (first && target.contains(first)) stopFollowing();
  },
  { capture: true, passive: true },
);

document.addEventListener("click", (event) => {
  const opener = event.isTrusted && active && event.target.closest(OPENERS);
  if (opener) closedByReader.add(opener.closest("details, .tabbed-set"));
});
