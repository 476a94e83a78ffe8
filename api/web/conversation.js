// The questions asked since the page was opened or the conversation was started anew, and what is shown of them.

import { element } from "./dom.js";
import { addressWith } from "./route.js";

const MOST = 20; // questions that are kept: older ones say nothing about the next

/** The questions before the one that is asked, with their answers, in one collection. */
export class Conversation {
  #asked = [];
  #collection = "";

  /** What was asked before `question`: all of it, or where the question was asked before, what stood before it then. */
  before(question, collection) {
    if (collection !== this.#collection) this.clear();
    this.#collection = collection;
    const known = this.#asked.findIndex((one) => one.question === question);
    if (known >= 0) this.#asked.length = known;
    return [...this.#asked];
  }

  /** Remember a question and its answer, which is null where there was none. */
  add(question, answer) {
    this.#asked = [...this.#asked, { question, answer }].slice(-MOST);
  }

  clear() {
    this.#asked = [];
  }
}

/** Questions and answers as turns of the HTTP interface. */
export function turnsOf(asked) {
  return asked.flatMap(({ question, answer }) => {
    const said = { role: "user", text: question };
    return answer === null ? [said] : [said, { role: "assistant", text: answer }];
  });
}

/** The earlier questions with a way to start anew; null where there are none. */
export function renderEarlier(asked, startAnew) {
  if (!asked.length) return null;
  const items = asked.map(({ question, answer }) => {
    const link = element("a", { href: addressWith({ question, source: null }), dir: "auto" }, question);
    return element("li", {}, link, element("span", { class: "quiet", dir: "auto" }, answer ?? "No answer"));
  });
  const anew = element("button", { class: "link", type: "button", on: { click: startAnew } }, "Start anew");
  return element(
    "section",
    { class: "earlier", "aria-label": "Conversation" },
    element("div", { class: "earlier-head" }, element("h2", {}, "Conversation"), anew),
    element("ol", {}, ...items),
  );
}

/** What a follow-up question was searched for, with a way to ask it alone; null where it was left as it is. */
export function renderSearched({ searched_question: searched }, askAlone) {
  if (searched === null) return null;
  const alone = element("button", { class: "link", type: "button", on: { click: askAlone } }, "Ask it alone");
  const words = element("q", { dir: "auto" }, searched);
  return element("p", { class: "searched quiet" }, "Searched for ", words, ". ", alone);
}
