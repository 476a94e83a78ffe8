// Files on their way in: sent, queued, read; each with its progress and what became of it.

import { job, upload } from "./api.js";
import { element } from "./dom.js";
import { UploadRow } from "./upload-row.js";

const AT_ONCE = 3; // the server reads one at a time; more would only wait there
const FIRST_POLL_MS = 150;
const LONGEST_POLL_MS = 2_000;

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
      const row = new UploadRow(file.name);
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
      // Of an archive with a file that cannot be read, the others are stored.
      if (ended.results.some(({ document_id: id }) => id)) this.#onStored(collection);
      return outcome;
    } catch (error) {
      return row.failed(`${error.title ?? "Failed"}: ${error.message}`);
    }
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
