/* The word that is heard stands out in its sentence, where the build knows the times: [data-times] has, for each word, its
   offset and length in the text, and the hundredths of a second from the start of the sentence. Nothing is added to the
   page: a browser without custom highlights shows the sentence alone. */

const WORD = "speak-word"; // the name of the highlight in the style sheet

let wordOwner = null; // the player whose word is shown: another may have begun before this one is told that it ended

function showWord(player, sentence) {
  if (!CSS.highlights) return;
  if (player.timed !== sentence || !player.words) [player.timed, player.words] = [sentence, wordsOf(player, sentence)];
  const time = player.time + LEAD - player.starts[sentence];
  const now = player.words.findLast((word) => word.time <= time)?.time;
  if (now === player.word && sentence === player.sentenceOfWord) return;
  [player.word, player.sentenceOfWord] = [now, sentence];
  const ranges = player.words.filter((word) => word.time === now).map((word) => word.range); // markup may cut a word
  if (ranges.length) {
    CSS.highlights.set(WORD, new Highlight(...ranges));
    wordOwner = player;
  } else if (player === wordOwner) CSS.highlights.delete(WORD);
}

function wordsOf(player, sentence) {
  const words = [];
  for (const element of elementsOf(player, sentence)) {
    const text = element.firstChild;
    if (text?.nodeType !== Node.TEXT_NODE) continue; // another script has put something before it, or has taken it away
    const numbers = (element.dataset.times ?? "").split(" ").map(Number);
    for (let at = 0; at + 2 < numbers.length; at += 3) {
      const [start, length, time] = numbers.slice(at, at + 3);
      if (!(start >= 0 && length >= 0 && start + length <= text.length)) continue; // or has changed it
      const range = document.createRange();
      range.setStart(text, start);
      range.setEnd(text, start + length);
      words.push({ range, time: time / 100 });
    }
  }
  return words.sort((one, other) => one.time - other.time);
}
