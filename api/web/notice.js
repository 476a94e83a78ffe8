// Messages that several views show.

import { element } from "./dom.js";

/** An error in words. */
export function problemNotice(problem) {
  const title = problem.title ?? "This page has a defect";
  return element(
    "div",
    { class: "notice problem", role: "alert" },
    element("strong", {}, title),
    element("p", {}, problem.message),
    problem.requestId ? element("p", { class: "quiet" }, `Request ${problem.requestId}`) : null,
  );
}

/** Page and section in words: `page 3 · Limits › Rate`. */
export function placeInWords({ page_start, page_end, section_path, document_title }) {
  const pages = page_end > page_start ? `pages ${page_start}–${page_end}` : `page ${page_start}`;
  // Most documents begin with their title as the outermost heading; it need not be said twice.
  const headings = section_path[0] === document_title ? section_path.slice(1) : section_path;
  const parts = [page_start === null ? "" : pages, headings.join(" › ")];
  return parts.filter((part) => part !== "").join(" · ");
}

const FORMATS = new Map([
  ["application/pdf", "PDF"],
  ["application/vnd.openxmlformats-officedocument.wordprocessingml.document", "Word"],
  ["text/html", "HTML"],
  ["text/markdown", "Markdown"],
  ["text/plain", "Text"],
]);

/** What people call a media type. */
export function mediaTypeInWords(mediaType) {
  return FORMATS.get(mediaType) ?? mediaType;
}
