// Text of documents as nodes: marked where the evidence stands, and readable at any width.

import { element } from "./dom.js";

const SHORTEST_FULL_LINE = 30;
const LONGEST_WORD = 40;

/** Nodes for `text[from:to]` (UTF-16) in which `ranges`, ascending and apart, are marked. */
export function markedText(text, ranges, from = 0, to = text.length) {
  const nodes = [];
  let position = from;
  for (const range of ranges) {
    const start = Math.max(range.start, position);
    const end = Math.min(range.end, to);
    if (start >= end) continue;
    nodes.push(...lines(text, position, start), element("mark", {}, ...lines(text, start, end)));
    position = end;
  }
  return [...nodes, ...lines(text, position, to)];
}

/**
 * `text[from:to]` as nodes whose text is exactly that. Line breaks that only end a line of print get a class that
 * shows them as spaces: lines of a printed page do not fit the lines of a telephone.
 */
function lines(text, from, to) {
  const nodes = [];
  let position = from;
  for (let at = text.indexOf("\n", from); at !== -1 && at < to; at = text.indexOf("\n", at + 1)) {
    if (!isWithinSentence(text, at)) continue;
    nodes.push(text.slice(position, at), element("span", { class: "wrapped" }, "\n"));
    position = at + 1;
  }
  return [...nodes, text.slice(position, to)];
}

/** Whether a line that is long enough to have been wrapped goes on in lower case after the line break at `index`. */
function isWithinSentence(text, index) {
  const length = index - (text.lastIndexOf("\n", index - 1) + 1);
  return length >= SHORTEST_FULL_LINE && /^\p{Ll}/u.test(text.slice(index + 1, index + 3));
}

/** The nearest place at or before `index` where a word begins, so that a cut does not go through a word. */
export function wordStart(text, index) {
  if (index <= 0) return 0;
  if (index >= text.length) return text.length;
  for (let at = index; at > Math.max(0, index - LONGEST_WORD); at -= 1) {
    if (/\s/.test(text[at - 1])) return at;
  }
  // Text without spaces: at least never between the two halves of one character.
  return /[\udc00-\udfff]/.test(text[index]) ? index - 1 : index;
}
