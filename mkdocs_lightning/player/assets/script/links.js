/* Links to a moment: #speak-…&t=12.5 */

function followLink(player) {
  const [, name, time] = /^#(.+)&t=(\d+(?:\.\d+)?)$/.exec(location.hash) ?? [];
  if (name === undefined || !player.audio || decoded(name) !== player.name) return;
  player.scrollIntoView({ block: "center" });
  player.start(Number(time));
  player.controls.play.focus({ preventScroll: true });
}

function decoded(name) {
  try {
    return decodeURIComponent(name);
  } catch {
    return name; // not percent-encoded
  }
}

async function copyLink(player, item) {
  const link = `${player.address}#${player.name}&t=${Math.floor(player.time * 10) / 10}`;
  try {
    await navigator.clipboard.writeText(link);
  } catch {
    return history.replaceState(history.state, "", link); // to be copied from the address bar
  }
  item.textContent = player.strings.link_copied;
  announce(player.strings.link_copied);
}

addEventListener("hashchange", () => document.querySelectorAll("speak-player").forEach(followLink));
