/* Going on with the next page of the site that has something to hear. */

const STORED_PLAY_ON = "speak-play-on"; // whether to go on, for all visits
const STORED_EXPECTED = "speak-expected"; // in the session: the page that is being opened
const NEXT_PAGE = "link[rel~=next][href], a[rel~=next][href], .rst-footer-buttons .float-right[href]"; // the last: readthedocs
const MOST_PAGES = 20; // to look at for one with a player
const PREPARE = 15; // seconds before the end of a clip

let isPlayingOn = recall(STORED_PLAY_ON) === "true";
let expected = takeExpected(); // the address of the page whose first player is to start

function setPlayingOn(isOn) {
  isPlayingOn = isOn;
  remember(STORED_PLAY_ON, isOn);
  return isOn;
}

function nextPageIn(page, address) {
  const link = page.querySelector(NEXT_PAGE);
  try {
    const url = link && new URL(link.getAttribute("href"), address);
    const isOurs = url?.origin === location.origin && url.protocol === location.protocol; // any file's origin is "null"
    return isOurs ? url.href.split("#")[0] : null;
  } catch {
    return null; // no address
  }
}

/* The address of the page after a player's own. It is remembered, as the reader may leave the page before it is needed. */
function nextPageOf(player) {
  if (player.nextPage === undefined && player.isConnected) player.nextPage = nextPageIn(document, player.address);
  return player.nextPage;
}

/* Look for the next page before it is needed, so that there is no gap. */
function prepareNextPage(player) {
  if (!isPlayingOn || player !== active || player.upcoming || neighbour(1) || player.duration - player.time > PREPARE) return;
  player.upcoming = findPage(nextPageOf(player));
}

async function playNextPage(player) {
  const url = await (player.upcoming ?? findPage(nextPageOf(player)));
  if (!url || active) return; // there is none, or the reader has started something else
  expect(url);
  const link = make("a", "", { href: url, hidden: "" }); // a click, as a theme may show the page without loading it
  document.body.append(link);
  link.click();
  link.remove();
}

/* The first page from an address on that has a player; where pages cannot be read, as from a disk, the next one. */
async function findPage(url) {
  try {
    for (let page = 0; url && page < MOST_PAGES; page += 1) {
      const reply = await fetch(url);
      const found = new DOMParser().parseFromString(await reply.text(), "text/html");
      if (found.querySelector("speak-player")) return url;
      url = nextPageIn(found, url);
    }
    return null;
  } catch {
    return url;
  }
}

function expect(url) {
  expected = url;
  try {
    sessionStorage.setItem(STORED_EXPECTED, url);
  } catch {
    // then it goes on only in a theme that does not load the page
  }
}

function takeExpected() {
  try {
    const url = sessionStorage.getItem(STORED_EXPECTED);
    sessionStorage.removeItem(STORED_EXPECTED);
    return url;
  } catch {
    return null;
  }
}

/* Start the first player of the page that is expected. */
function arrive(player) {
  if (expected !== player.address || document.querySelector("speak-player") !== player) return;
  expected = null;
  takeExpected();
  startOrOffer(player, 0);
}
