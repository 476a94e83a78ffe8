// Steps through the pages of a document.

import { element } from "./dom.js";
import { pageWord } from "./media-types.js";

/** Buttons and a field for the number of the page; `onChoice` gets the page that is wanted. */
export class PageBar {
  #version;
  #word;
  #page = 0;
  #onChoice;
  #number;
  #label = element("span", { class: "page-label", dir: "auto" });
  #previous = this.#button("‹ Previous", () => this.#page - 1);
  #next = this.#button("Next ›", () => this.#page + 1);
  #toQuote = this.#button("", () => this.#quotePage);
  #quotePage = null;

  constructor(version, onChoice) {
    this.#version = version;
    this.#onChoice = onChoice;
    this.#word = pageWord(version.media_type);
    const name = capitalised(this.#word);
    const bounds = { type: "number", min: 1, max: version.pages, inputmode: "numeric" };
    this.#number = element("input", { ...bounds, "aria-label": name });
    this.#number.addEventListener("change", () => onChoice(this.#number.valueAsNumber));
    const position = element("span", {}, `${name} `, this.#number, ` of ${version.pages} `, this.#label);
    const steps = element("div", { class: "page-steps" }, this.#previous, position, this.#next);
    this.nodes = [steps, this.#toQuote];
  }

  /** Show that `page` is open; `marked` holds the first and the last page with the quote, if there is one. */
  show(page, marked) {
    this.#page = page;
    this.#number.value = page;
    this.#label.textContent = this.#labelOf(page);
    this.#previous.disabled = page === 1;
    this.#next.disabled = page === this.#version.pages;
    const [target, words] = wayToQuote(page, marked, this.#word);
    this.#quotePage = target;
    this.#toQuote.textContent = words;
    this.#toQuote.hidden = target === null;
  }

  #labelOf(page) {
    const label = this.#version.page_labels[page - 1] ?? "";
    if (this.#word === "sheet") return label;
    return this.#word === "page" && label && label !== String(page) ? `(printed ${label})` : "";
  }

  #button(words, page) {
    return element("button", { type: "button", on: { click: () => this.#onChoice(page()) } }, words);
  }
}

/** The page that shows the quote, or more of it, and what a button that leads there says. */
function wayToQuote(page, marked, word) {
  if (!marked) return [null, ""];
  const [first, last] = marked;
  if (page < first || page > last) return [first, `Back to the quote, ${word} ${first}`];
  return page < last ? [page + 1, `Continues on ${word} ${page + 1} ›`] : [null, ""];
}

const capitalised = (word) => `${word[0].toUpperCase()}${word.slice(1)}`;
