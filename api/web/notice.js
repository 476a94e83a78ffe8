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

/** What of a file is not in its text, as a quiet warning; null when nothing is missing. */
export function lossesNotice(losses) {
  if (!losses.length) return null;
  if (losses.length === 1) return element("p", { class: "losses" }, asSentence(losses[0]));
  return element(
    "details",
    { class: "losses" },
    element("summary", {}, `${losses.length} things are not in the text`),
    element("ul", {}, ...losses.map((loss) => element("li", {}, asSentence(loss)))),
  );
}

const asSentence = (words) => `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`;
