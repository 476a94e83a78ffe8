// The API counts Unicode code points, JavaScript strings count UTF-16 units: an emoji is one there and two here.

import { element } from "./dom.js";

/** UTF-16 indices of ascending code point offsets into `text`; an offset past the end gives the length. */
export function utf16Offsets(text, codePoints) {
  let index = 0;
  let counted = 0;
  return codePoints.map((wanted) => {
    while (counted < wanted && index < text.length) {
      index += text.codePointAt(index) > 0xffff ? 2 : 1;
      counted += 1;
    }
    return index;
  });
}

/** The UTF-16 ranges of spans of code points, ascending; a span that overlaps the one before is left out. */
export function utf16Ranges(text, spans) {
  const ascending = [...spans].sort((a, b) => a.start - b.start);
  const apart = [];
  for (const span of ascending) {
    if (span.start < span.end && span.start >= (apart.at(-1)?.end ?? 0)) apart.push(span);
  }
  const offsets = utf16Offsets(text, apart.flatMap((span) => [span.start, span.end]));
  return apart.map((_, position) => ({ start: offsets[2 * position], end: offsets[2 * position + 1] }));
}

/** Nodes for `text[from:to]` (UTF-16) in which `ranges` are marked. */
export function markedText(text, ranges, from = 0, to = text.length) {
  const nodes = [];
  let position = from;
  for (const range of ranges) {
    const start = Math.max(range.start, position);
    const end = Math.min(range.end, to);
    if (start >= end) continue;
    nodes.push(text.slice(position, start), element("mark", {}, text.slice(start, end)));
    position = end;
  }
  nodes.push(text.slice(position, to));
  return nodes;
}

/** The nearest place at or before `index` where a word begins, so that a cut does not go through a word. */
export function wordStart(text, index, reach = 40) {
  for (let at = index; at > Math.max(0, index - reach); at -= 1) {
    if (/\s/.test(text[at - 1])) return at;
  }
  // Text without spaces: at least never between the two halves of one character.
  return index > 0 && /[\udc00-\udfff]/.test(text[index] ?? "") ? index - 1 : index;
}
