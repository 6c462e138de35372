/* Keeps the player of the page that is shown, on sites whose own script shows another page without loading it. */
"use strict";
{
  const dock = document.currentScript.parentElement;
  let shown = location.pathname;

  /* The player of another page, with links that hold here; null if that page has none, or cannot be had. */
  const playerOf = async (url) => {
    const reply = await fetch(url).catch(() => null);
    if (!reply?.ok) return null;
    const page = new DOMParser().parseFromString(await reply.text(), "text/html");
    const player = page.querySelector(".speak-dock > .speak");
    for (const part of player?.querySelectorAll("[src]") ?? []) {
      part.setAttribute("src", new URL(part.getAttribute("src"), reply.url).href);
    }
    return player;
  };

  const follow = async () => {
    const wanted = location.pathname;
    if (wanted === shown) return;
    shown = wanted;
    dock.querySelector(":scope > .speak")?.remove();
    const player = await playerOf(location.href);
    if (player && wanted === shown) dock.prepend(document.adoptNode(player));
  };

  const makeRoom = () => document.documentElement.style.setProperty("--speak-dock-height", `${dock.offsetHeight}px`);

  new ResizeObserver(makeRoom).observe(dock);
  globalThis.navigation?.addEventListener("currententrychange", follow);
  addEventListener("popstate", follow);
  new MutationObserver(follow).observe(document.head, { childList: true, subtree: true, characterData: true });
}
