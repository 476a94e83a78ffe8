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
export function placeInWords({ page_start, page_end, section_path }) {
  const parts = [];
  if (page_start !== null) parts.push(page_end > page_start ? `pages ${page_start}–${page_end}` : `page ${page_start}`);
  if (section_path.length) parts.push(section_path.join(" › "));
  return parts.join(" · ");
}
