// Where something stands in a document, in words.

import { pageWord } from "./media-types.js";

/**
 * Page, cells and section: `page 3 · Limits › Rate`, `page 12 (printed iv)`, `sheet Prices, A5:D7`, `slide 4`.
 * `place` is a citation or a passage with the media type of its document, or has the same fields.
 */
export function placeInWords(place) {
  const { section_path: path, document_title: title } = place;
  // Most documents begin with their title as the outermost heading, sheets with their name: said once is enough.
  const known = [title, pageWord(place.media_type) === "sheet" ? place.page_label_start : null];
  const headings = known.includes(path[0]) ? path.slice(1) : path;
  const parts = [[pagesInWords(place), cellsInWords(place)].filter(Boolean).join(", "), headings.join(" › ")];
  return parts.filter(Boolean).join(" · ");
}

/** The pages of a place: `page 3`, `pages 12–13 (printed iv–v)`, `sheet Prices`; "" without pages. */
export function pagesInWords({ media_type: mediaType, page_start, page_end, page_label_start, page_label_end }) {
  if (page_start === null) return "";
  const word = pageWord(mediaType);
  const several = page_end > page_start;
  const numbers = several ? `${page_start}–${page_end}` : String(page_start);
  const labels = several ? `${page_label_start}–${page_label_end}` : page_label_start;
  if (word === "sheet" && page_label_start) return `${several ? "sheets" : "sheet"} ${labels}`;
  const printed = word === "page" && page_label_start && labels !== numbers ? ` (printed ${labels})` : "";
  return `${several ? `${word}s` : word} ${numbers}${printed}`;
}

/** Cells of several sheets are none: their letters and numbers mean nothing without the sheet. */
function cellsInWords({ cells, page_start, page_end }) {
  if (!cells || page_end > page_start) return "";
  if (page_start !== null) return cells;
  return `${cells.includes(":") ? "cells" : "cell"} ${cells}`;
}

/** The page, counted from 1, on which the character at `offset` (code points) stands; null without pages. */
export function pageAt(pageStarts, offset) {
  return pageStarts.length ? Math.max(1, pageStarts.filter((start) => start <= offset).length) : null;
}

/** Where the characters from `start` to `end` of a version stand, with the fields that a citation has. */
export function placeIn(version, start, end, cells = null) {
  const first = pageAt(version.page_starts, start);
  const last = pageAt(version.page_starts, Math.max(start, end - 1));
  return {
    media_type: version.media_type,
    document_title: version.title,
    page_start: first,
    page_end: last,
    page_label_start: version.page_labels[first - 1] ?? null,
    page_label_end: version.page_labels[last - 1] ?? null,
    cells,
    section_path: version.sections.findLast((section) => section.start <= start)?.path ?? [],
  };
}
