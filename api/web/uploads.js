// Files on their way in: sent, queued, read; each with its progress and what became of it.

import { job, upload } from "./api.js";
import { element } from "./dom.js";
import { addressWith } from "./route.js";

const AT_ONCE = 3; // the server reads one at a time; more would only wait there
const FIRST_POLL_MS = 150;
const LONGEST_POLL_MS = 2_000;

const OUTCOMES = { added: "Added", updated: "Replaced its earlier version", unchanged: "Was there already, unchanged" };

/** The list of uploads. `onStored` is called when a file has become part of a collection. */
export class Uploads {
  #waiting = [];
  #active = 0;
  #onStored;
  #list = element("ul", { class: "uploads", "aria-label": "Uploads" });
  #status = element("p", { class: "visually-hidden", role: "status" });

  constructor(onStored) {
    this.#onStored = onStored;
    this.node = element("div", {}, this.#list, this.#status);
  }

  /** Send `files` to a collection. */
  add(files, collection) {
    for (const file of files) {
      const row = new Row(file.name);
      this.#list.append(row.node);
      this.#waiting.push({ file, collection, row });
    }
    while (this.#active < AT_ONCE && this.#waiting.length) this.#next();
  }

  async #next() {
    const waiting = this.#waiting.shift();
    if (!waiting) return;
    this.#active += 1;
    const outcome = await this.#process(waiting);
    this.#status.textContent = `${waiting.file.name}: ${outcome}`;
    this.#active -= 1;
    this.#next();
  }

  async #process({ file, collection, row }) {
    try {
      const accepted = await upload(file, collection, (share) => row.sending(share));
      const ended = await whenEnded(accepted, (state) => row.processing(state));
      const outcome = row.ended(ended);
      if (ended.status === "done") this.#onStored(collection);
      return outcome;
    } catch (error) {
      return row.failed(`${error.title ?? "Failed"}: ${error.message}`);
    }
  }
}

class Row {
  #progress = element("progress", { max: 1, value: 0 });
  #state = element("span", { class: "state" }, "Waiting");
  #name;

  constructor(name) {
    this.#name = element("span", { class: "name", dir: "auto" }, name);
    this.#progress.setAttribute("aria-label", `Progress of ${name}`);
    this.node = element("li", {}, this.#name, this.#state, this.#progress);
  }

  sending(share) {
    this.#progress.value = share;
    this.#state.textContent = share < 1 ? `Sending, ${Math.floor(share * 100)} %` : "Sent";
  }

  processing(status) {
    this.#progress.removeAttribute("value"); // how long reading takes is not known
    this.#state.textContent = status === "queued" ? "Waiting to be read" : "Being read";
  }

  ended({ status, results, errors }) {
    const [result] = results;
    if (status === "failed") return this.failed(result?.reason ?? errors.join("; "));
    const unread = result.pages_total && result.pages_with_text < result.pages_total;
    const pages = unread ? `; text on ${result.pages_with_text} of ${result.pages_total} pages` : "";
    const place = { id: result.document_id, version: null, start: null, end: null, page: null };
    const link = element("a", { href: addressWith({ view: "documents", source: place }) }, this.#name.textContent);
    this.#name.replaceChildren(link);
    return this.#end("done", OUTCOMES[result.status] + pages);
  }

  failed(reason) {
    return this.#end("failed", reason);
  }

  #end(kind, words) {
    this.node.classList.add(kind);
    this.#progress.remove();
    this.#state.textContent = words;
    return words;
  }
}

/** The job when it is done or has failed. */
async function whenEnded(accepted, onStatus) {
  let current = accepted;
  for (let pause = FIRST_POLL_MS; ["queued", "running"].includes(current.status); pause = longer(pause)) {
    onStatus(current.status);
    await new Promise((resolve) => setTimeout(resolve, pause));
    current = await job(accepted.id);
  }
  return current;
}

const longer = (pause) => Math.min(pause * 1.5, LONGEST_POLL_MS);
