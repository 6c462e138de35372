/* What all of the player's modules share: constants, what is known of the whole page, and small helpers. */

const LEAD = 0.02; // seconds by which the highlight is early: browsers report the time a little late
const RUN_UP = 0.1; // seconds to start before a sentence: after a seek, an MP3 is silent for up to 70 ms
const STEP = 5; // seconds per arrow key
const SKIP = 10; // seconds per click on a button
const ICONS = {
  play: "M8 5v14l11-7z",
  pause: "M6 4h4v16H6zm8 0h4v16h-4z",
  more: "M3 10h4v4H3zm7 0h4v4h-4zm7 0h4v4h-4z",
  previous: "M5 5h3v14H5zm15 0v14L9 12z",
  next: "M16 5h3v14h-3zM4 5l11 7L4 19z",
  back: "M12 3.5V.8L7.8 4.4 12 8V5.2a7.8 7.8 0 1 1-7.8 7.8H2.5A9.5 9.5 0 1 0 12 3.5z",
  forward: "M12 3.5V.8l4.2 3.6L12 8V5.2a7.8 7.8 0 1 0 7.8 7.8h1.7A9.5 9.5 0 1 1 12 3.5z",
  all: "M3 5h12v2.5H3zm0 5.5h12V13H3zM3 16h8v2.5H3zm11-2 8 4-8 4z",
  follow: "M11 1h2v2.1a9 9 0 0 1 7.9 7.9H23v2h-2.1a9 9 0 0 1-7.9 7.9V23h-2v-2.1A9 9 0 0 1 3.1 13H1v-2h2.1A9 9 0 0 1 11 3.1zM12 5a7 7 0 1 0 0 14 7 7 0 0 0 0-14zm0 3.5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7z",
  close: "M6.4 5 12 10.6 17.6 5 19 6.4 13.4 12l5.6 5.6-1.4 1.4-5.6-5.6L6.4 19 5 17.6l5.6-5.6L5 6.4z",
};
const STYLESHEET = new URL("player.css", document.currentScript.src).href;

let active = null; // the player that was started last, until it ends or is closed
let bar = null; // made when a player is started for the first time

// It is in the page before it has text; else screen readers ignore it.
const status = make("div", "speak-status", { role: "status" });

function announce(text) {
  status.textContent = text;
}

function make(tag, className, attributes = {}, ...children) {
  const element = document.createElement(tag);
  element.className = className;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function icon(name) {
  const [svg, path] = ["svg", "path"].map((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

function button(iconName, label, onClick) {
  const attributes = { type: "button", "data-icon": iconName, "aria-label": label, title: label };
  const made = make("button", "speak-button", attributes, icon(iconName));
  if (onClick) made.addEventListener("click", onClick);
  return made;
}

/* A string of the page's language with its placeholder filled in. */
function filled(text, value) {
  return text.replace(/\{\w+\}/, () => value);
}

function clock(seconds) {
  const whole = Math.floor(seconds + 0.05); // 4.999 is 5
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  const tail = String(whole % 60).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

/* Name a control for assistive technology, with its clip's title: a page may have hundreds of players. */
function label(control, text, title) {
  control.setAttribute("aria-label", title ? `${text}, ${title}` : text);
}

/* What is remembered between visits. Storage may be blocked: then it is remembered for this page only. */
function recall(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

function remember(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // then it applies to this page only
  }
}

let strings = null; // of the page that was read last
let stringsSource = null;

/* The texts that the page's script element holds; null on a page of another template, without them. */
function stringsOfPage() {
  const source = document.querySelector("script[data-speak-strings]")?.dataset.speakStrings;
  if (!source) return null;
  if (source !== stringsSource) [strings, stringsSource] = [JSON.parse(source), source];
  return strings;
}
