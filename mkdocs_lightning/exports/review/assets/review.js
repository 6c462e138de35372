/* The review's tools: search in all text, and filters. Without this script, all sentences are shown. */
"use strict";

{
  const MOST_MATCHES = 400; // that are highlighted: those that a reader gets to see first
  const ASCII = /^[\x00-\x7f]*$/;
  const ACCENTS = /[\u0300-\u036f]/g;

  const tools = document.querySelector(".tools");
  const field = document.querySelector("#search");
  const found = document.querySelector(".found");
  const nothing = document.querySelector(".nothing");
  const filters = [...document.querySelectorAll("[data-filter]")];
  let pages = null; // read when the browser has nothing else to do, or when it is first needed

  /* A text as it is compared: without case, and without the accents of Latin, Greek and Cyrillic letters. */
  function plain(text) {
    const lower = text.toLowerCase();
    return ASCII.test(lower) ? lower : lower.normalize("NFD").replace(ACCENTS, "");
  }

  /* Each page with its clips, each clip with its sentences. */
  function readPages() {
    return [...document.querySelectorAll(".page")].map((page) => ({
      element: page,
      clips: [...page.querySelectorAll(".clip")].map((clip) => ({
        element: clip,
        sentences: [...clip.querySelector(".script").children].map((item) => ({
          element: item,
          flags: item.dataset.flags,
          text: plain([...item.children].slice(0, -1).map((part) => part.textContent).join(" ")),
        })),
      })),
    }));
  }

  /* What is searched for: words, and phrases in quotation marks. */
  function queryWords() {
    return [...field.value.matchAll(/"([^"]+)"?|([^\s"]+)/g)].map(([, phrase, word]) => plain(phrase ?? word));
  }

  function show(element, isShown) {
    if (element.hidden === isShown) element.hidden = !isShown;
  }

  /* Show what matches, with its clip and its page. A clip without a match is hidden as a whole, which is quicker. */
  function apply() {
    pages ??= readPages();
    const words = queryWords();
    const flags = filters.filter((one) => one.getAttribute("aria-pressed") === "true").map((one) => one.dataset.filter);
    const matches = ({ flags: own, text }) => flags.every((flag) => own.includes(flag)) && words.every((word) => text.includes(word));
    const shown = [];
    for (const page of pages) {
      const before = shown.length;
      for (const clip of page.clips) {
        const ofClip = clip.sentences.filter(matches);
        show(clip.element, ofClip.length > 0);
        if (!ofClip.length) continue; // its sentences stay as they are
        const kept = new Set(ofClip);
        for (const sentence of clip.sentences) show(sentence.element, kept.has(sentence));
        shown.push(...ofClip);
      }
      show(page.element, shown.length > before);
    }
    show(nothing, !shown.length);
    const isAll = !words.length && !flags.length;
    found.textContent = isAll ? "" : `${shown.length.toLocaleString("en")} sentence${shown.length === 1 ? "" : "s"}`;
    highlight(shown, words);
  }

  /* Highlight what was searched for, where the browser can without touching the page. */
  function highlight(sentences, words) {
    if (!CSS.highlights) return;
    const ranges = words.length ? sentences.slice(0, MOST_MATCHES).flatMap(({ element }) => rangesIn(element, words)) : [];
    if (ranges.length) CSS.highlights.set("match", new Highlight(...ranges));
    else CSS.highlights.delete("match");
  }

  function rangesIn(element, words) {
    const ranges = [];
    const nodes = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    for (let node = nodes.nextNode(); node; node = nodes.nextNode()) {
      if (node.parentElement.closest(".facts")) continue;
      const text = plain(node.data);
      if (text.length !== node.length) continue; // places would differ
      for (const word of words) {
        for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + word.length)) {
          const range = document.createRange();
          range.setStart(node, at);
          range.setEnd(node, at + word.length);
          ranges.push(range);
        }
      }
    }
    return ranges;
  }

  function searchFor(text) {
    field.value = text;
    apply();
  }

  function showAll() {
    for (const one of filters) one.setAttribute("aria-pressed", "false");
    searchFor("");
    field.focus();
  }

  tools?.addEventListener("submit", (event) => event.preventDefault());
  field?.addEventListener("input", apply);
  for (const one of filters) {
    one.addEventListener("click", () => {
      one.setAttribute("aria-pressed", one.getAttribute("aria-pressed") !== "true");
      apply();
    });
  }
  document.querySelector(".all")?.addEventListener("click", showAll);
  for (const word of document.querySelectorAll("[data-word]")) {
    word.addEventListener("click", () => {
      searchFor(`"${word.dataset.word.replaceAll('"', "")}"`);
      document.querySelector("#sentences").scrollIntoView();
    });
  }

  // A link to a page that is filtered out shows all
  document.addEventListener("click", ({ target }) => {
    const link = target.closest("a[href^='#']");
    if (link && document.querySelector(link.hash)?.hidden) showAll();
  });

  addEventListener("keydown", (event) => {
    const isTyping = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    field?.focus();
  });

  if (tools) {
    tools.hidden = false;
    addEventListener("load", () => (window.requestIdleCallback ?? setTimeout)(() => (pages ??= readPages())));
  }
}
