/* The sign beside a paragraph that plays it. There is one, at the paragraph that was pointed at, touched or focused last. */

const PARAGRAPHS = "p, li, dd, dt, td, th, h1, h2, h3, h4, h5, h6, figcaption";

let here = null;
let pointed = ""; // where the pointer was: text that scrolls below it is not pointed at

function showHere({ type, target, clientX, clientY }) {
  if (type === "pointerover") {
    const place = `${clientX} ${clientY}`;
    if (place === pointed) return;
    pointed = place;
  }
  if (here?.contains(target) || here?.matches(":focus-visible")) return; // whoever came by the keyboard is not left alone
  const cue = target.closest?.(PARAGRAPHS)?.querySelector("[data-cue]");
  const paragraph = cue?.closest(PARAGRAPHS); // the innermost, such as one within a list item
  if (cue && here?.parentElement === paragraph) return;
  here?.remove();
  if (cue && paragraph.checkVisibility() && !paragraph.closest(`${NOT_TEXT}, .speak-text--hidden`)) putHere(paragraph);
}

function putHere(paragraph) {
  const strings = stringsOfPage();
  if (!strings) return;
  here = button("play", strings.play_from_here, (event) => playFrom(event.currentTarget.parentElement));
  here.classList.add("speak-here");
  paragraph.prepend(here);
}

/* From the first sentence of a paragraph, in the player that has it. */
function playFrom(paragraph) {
  const [found] = playersWith(paragraph.querySelector("[data-cue]"));
  if (found) startSentence(...found);
}

for (const type of ["pointerover", "focusin"]) document.addEventListener(type, showHere);
