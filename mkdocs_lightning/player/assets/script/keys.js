/* Keys for the whole page, while a player is active. They are none of a theme's own (s, f, / and p, n), and work neither in
   fields nor with modifiers. The reader can switch them off. */

const STORED_KEYS = "speak-keys";
const TAKES_KEYS = "input:not([type=range], [type=checkbox], [type=radio], [type=button]), textarea, select, audio, video, " +
  "[contenteditable]:not([contenteditable=false]), [role=listbox], [role=menu], [role=combobox], [role=textbox], [role=searchbox]";
const KEYS = {
  k: () => active.toggle(),
  j: () => active.skip(-SKIP),
  l: () => active.skip(SKIP),
  u: () => active.seekSentence(-1),
  i: () => active.seekSentence(1),
  "-": () => changeSpeed(-1),
  "+": () => changeSpeed(1),
  m: toggleMuted,
  v: () => followAgain(active),
  b: () => focusOnPlay(active),
  "?": showKeys,
};

for (const digit of "0123456789") KEYS[digit] = () => active.seek((active.duration * digit) / 10);

let help = null; // the dialog that explains the keys
let areKeysOn = recall(STORED_KEYS) !== "false";

/* A letter by its name, or by its place on keyboards that have other letters. */
function keyOf({ key, code }) {
  return /^[^\x00-\x7f]$/.test(key) ? code.replace("Key", "").toLowerCase() : key.toLowerCase();
}

function onKey(event) {
  const isOther = event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.defaultPrevented;
  if (!active || !areKeysOn || isOther || help?.open || event.composedPath()[0].closest?.(TAKES_KEYS)) return;
  const act = Object.hasOwn(KEYS, keyOf(event)) && KEYS[keyOf(event)];
  if (!act || (event.shiftKey && /[a-z]/i.test(event.key))) return;
  event.preventDefault();
  event.stopPropagation();
  act();
}

function showKeys() {
  const { strings } = active ?? document.querySelector("speak-player");
  help?.remove();
  const row = (keys, text) => make("div", "speak-key", {}, ...keys.map((key) => make("kbd", "", {}, key)), text);
  const isOn = make("input", "speak-switch", { type: "checkbox" });
  isOn.checked = areKeysOn;
  isOn.addEventListener("change", () => remember(STORED_KEYS, (areKeysOn = isOn.checked)));
  const close = button("close", strings.close, () => help.close());
  help = make(
    "dialog",
    "speak-keys",
    { "aria-label": strings.keys },
    make("div", "speak-keys-head", {}, make("label", "speak-keys-switch", {}, isOn, strings.keys), close),
    row(["K"], strings.key_play),
    row(["J", "L"], filled(strings.key_skip, SKIP)),
    row(["U", "I"], strings.key_sentence),
    row(["−", "+"], strings.key_speed),
    row(["0", "9"], strings.key_tenth),
    row(["M"], strings.key_mute),
    row(["V"], strings.follow),
    row(["B"], strings.key_player),
    row(["?"], strings.key_help),
  );
  document.body.append(help);
  help.showModal();
}

addEventListener("keydown", onKey, true);
