/* Links to a moment: #speak-…&t=12.5, or to a passage: #speak-…&t=12.5,20 */

const MOMENT = /^#(.+)&t=(\d+(?:\.\d+)?)(?:,(\d+(?:\.\d+)?))?$/;

function followLink(player) {
  const [, name, time, endTime] = MOMENT.exec(location.hash) ?? [];
  if (name === undefined || !player.audio || decoded(name) !== player.name) return;
  startOrOffer(player, Number(time), Number(endTime));
}

function decoded(name) {
  try {
    return decodeURIComponent(name);
  } catch {
    return name; // not percent-encoded
  }
}

/* Play from a time, and show what is heard. If the browser wants a click first, say so, with the focus on the button. */
async function startOrOffer(player, time, endTime) {
  player.build();
  reveal(player, true);
  const refusal = player.start(time);
  if (endTime > time) player.endsAt = endTime;
  highlight(player, player.sentence());
  if (elementsOf(player, player.highlighted).length) lead(player, { isAsked: true, isAtOnce: true });
  else player.scrollIntoView({ behavior: "instant", block: "center" });
  if ((await refusal)?.name === "NotAllowedError") offer(player);
  else focusOnPlay(player);
}

function offer(player) {
  activate(player);
  player.say(player.strings.click_to_play);
  focusOnPlay(player);
}

/* Give the focus to the button in the player, or to that in the bar if the player is out of view. */
function focusOnPlay(player) {
  const isInBar = player === active && bar && !isInView(player.controls.play);
  if (isInBar) bar.element.hidden = false;
  (isInBar ? bar : player).controls.play.focus({ preventScroll: true });
}

/* Pause at the end of a passage that a link has named. */
function endInTime(player) {
  if (player.audio.currentTime < (player.endsAt ?? Infinity)) return;
  player.endsAt = undefined;
  player.pause();
}

/* Copy a link to the present moment; if the browser does not let us, offer it to be copied. */
async function copyLink(player, item) {
  const { strings } = player;
  const link = `${player.address}#${player.name}&t=${Math.floor(player.time * 10) / 10}`;
  try {
    await navigator.clipboard.writeText(link);
  } catch {
    const field = make("input", "speak-link", { readonly: "", value: link, "aria-label": strings.copy_this });
    item.replaceWith(make("label", "speak-copy", {}, strings.copy_this, field));
    field.focus();
    field.select();
    return;
  }
  item.textContent = strings.link_copied;
  announce(strings.link_copied);
}

addEventListener("hashchange", () => document.querySelectorAll("speak-player").forEach(followLink));
