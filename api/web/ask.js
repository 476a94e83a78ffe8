// The question field, and what happens between a question and its answer.

import { ask, collections } from "./api.js";
import { outcomeInWords, renderResult } from "./answer.js";
import { Conversation, renderEarlier, renderSearched, turnsOf } from "./conversation.js";
import { counted, element } from "./dom.js";
import { problemNotice } from "./notice.js";
import { optionsOf } from "./options.js";
import { addressWith, currentRoute, go } from "./route.js";

/** The view of one question at a time. */
export class AskView {
  #form;
  #field;
  #result;
  #status;
  #asked = "";
  #conversation = new Conversation();
  #asking = null;

  constructor(root) {
    this.#form = root.querySelector("form");
    this.#field = root.querySelector("input");
    this.#result = root.querySelector("#result");
    this.#status = root.querySelector("[role=status]");
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  /** Show the answer to the route's question; one that is shown already is not asked again. */
  async show({ question, collection }) {
    const asked = JSON.stringify([question, collection]);
    if (asked === this.#asked) return;
    this.#asked = asked;
    this.#field.value = question;
    await (question ? this.#ask(question, collection) : this.#welcome(collection));
  }

  /** Forget the answer, because the documents have changed. */
  forget() {
    this.#asked = "";
  }

  #submit() {
    const question = this.#field.value.trim();
    if (!question) {
      this.#field.focus();
      return;
    }
    const route = currentRoute();
    this.forget(); // whoever asks the same once more wants to see it asked
    if (question === route.question && !route.source) this.show(route);
    else go({ ...route, question, source: null });
  }

  async #ask(question, collection) {
    this.#asking?.abort();
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    this.#busy(true);
    const earlier = this.#conversation.before(question, collection);
    try {
      const options = { conversation: turnsOf(earlier), ...optionsOf(this.#form) };
      const result = await ask(question, collection, options, signal);
      this.#conversation.add(question, result.answer?.text ?? null);
      this.#status.textContent = outcomeInWords(result);
      const around = [renderEarlier(earlier, () => this.#startAnew()), renderSearched(result, () => this.#askAlone())];
      this.#result.replaceChildren(...around.filter(Boolean), ...renderResult(result));
    } catch (error) {
      if (error.name === "AbortError") return;
      this.#asked = "";
      this.#result.replaceChildren(problemNotice(error));
    }
    this.#busy(false);
  }

  #startAnew() {
    this.#conversation.clear();
    go({ ...currentRoute(), question: "", source: null });
  }

  /** Ask the question that is shown as the first of a conversation. */
  #askAlone() {
    this.#conversation.clear();
    this.forget();
    this.show(currentRoute());
  }

  #busy(busy) {
    this.#result.setAttribute("aria-busy", String(busy));
    if (busy) this.#status.textContent = "Searching";
  }

  async #welcome(collection) {
    this.#asking?.abort();
    this.#busy(false);
    this.#status.textContent = "";
    this.#field.focus();
    const asked = this.#asked;
    const words = await welcome(collection);
    if (asked === this.#asked) this.#result.replaceChildren(words);
  }
}

async function welcome(collection) {
  try {
    const found = (await collections()).find(({ name }) => name === collection);
    return found?.documents ? greeting(found.documents) : emptyGreeting();
  } catch (error) {
    return problemNotice(error);
  }
}

function greeting(documents) {
  const found = counted(documents, "document");
  const words = `Answers are quoted from your ${found}, with the exact place where they stand.`;
  return element("p", { class: "welcome quiet" }, words);
}

function emptyGreeting() {
  const link = element("a", { href: addressWith({ view: "documents" }) }, "Add some");
  return element("p", { class: "welcome" }, "There are no documents here yet. ", link, ", then ask about them.");
}
