// The API counts Unicode code points, JavaScript strings count UTF-16 units: an emoji is one there and two here.

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
