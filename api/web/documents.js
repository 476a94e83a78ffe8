// The documents of a collection: list, count, removal, and the place to drop new ones.

import { collections, documents, removeDocument } from "./api.js";
import { nested, parentsOf } from "./document-tree.js";
import { counted, element } from "./dom.js";
import { mediaTypeInWords, pageWord } from "./media-types.js";
import { lossesNotice, problemNotice } from "./notice.js";
import { addressWith, wholeDocument } from "./route.js";
import { Uploads } from "./uploads.js";

const PAGE = 50;
const INSIDE_OPEN = 8; // longer lists of what is inside a document are opened on demand
const NOTHING = { documents: 0, passages: 0 }; // a collection comes into being with its first document

/** The view of one collection at a time. `onChange` is called when its documents have changed. */
export class DocumentsView {
  #collection = null;
  #listed = []; // as the server lists them
  #opened = new Map(); // whether what is inside a document was opened or closed, by its id
  #onChange;
  #count = element("p", { class: "quiet" });
  #list = element("ul", { class: "document-list" });
  #more = element("button", { type: "button", on: { click: () => this.#load() } }, "Show more");
  #problem = element("div");
  #heading = element("h1", { tabindex: "-1" }, "Documents");
  #uploads = new Uploads((collection) => this.#changed(collection));

  constructor(root, onChange) {
    this.#onChange = onChange;
    const head = element("div", { class: "documents-head" }, this.#heading, this.#count);
    root.append(head, this.#dropZone(), this.#uploads.node, this.#problem, this.#list, this.#more);
    this.#more.hidden = true;
  }

  /** Show a collection, as it is now. */
  async show(collection) {
    this.#collection = collection;
    await this.#reload();
  }

  /** Send files to the collection that is shown. */
  addFiles(files) {
    this.#uploads.add(files, this.#collection);
  }

  async #changed(collection) {
    if (collection === this.#collection) await this.#reload();
    this.#onChange();
  }

  async #reload() {
    const collection = this.#collection;
    await this.#attempt(async () => {
      // As many as are shown already, so that the list does not jump back to its beginning.
      const wanted = Math.min(1000, Math.max(PAGE, this.#listed.length));
      const held = (await collections()).find(({ name }) => name === collection) ?? NOTHING;
      const page = held.documents ? await documents(collection, null, wanted) : { data: [], has_more: false };
      const parents = await parentsOf(page.data);
      if (collection !== this.#collection) return;
      this.#count.textContent = `${counted(held.documents, "document")}, ${counted(held.passages, "passage")}`;
      this.#render(page.data, parents, page.has_more);
    });
  }

  async #load() {
    const collection = this.#collection;
    await this.#attempt(async () => {
      const page = await documents(collection, this.#listed.at(-1).id, PAGE);
      const listed = [...this.#listed, ...page.data];
      const parents = await parentsOf(listed);
      if (collection === this.#collection) this.#render(listed, parents, page.has_more);
    });
  }

  /** Show `listed`, each document below the one it is in; that may come only on a later page of the list. */
  #render(listed, parents, hasMore) {
    this.#listed = listed;
    this.#list.replaceChildren(...nested([...listed, ...parents]).map((node) => this.#row(node)));
    this.#more.hidden = !hasMore;
  }

  #row({ version, children }) {
    const place = wholeDocument(version.id, version.version);
    const remove = { type: "button", class: "remove", "aria-label": `Remove ${version.title}` };
    const confirm = { click: () => this.#confirmRemoval(version, children.length > 0) };
    return element(
      "li",
      {},
      element("a", { href: addressWith({ view: "documents", source: place }), dir: "auto" }, version.title),
      element("span", { class: "quiet", dir: "auto" }, describe(version)),
      lossesNotice(version.losses),
      element("button", { ...remove, on: confirm }, "Remove"),
      children.length ? this.#inside(version, children) : null,
    );
  }

  #inside(version, children) {
    const summary = element("summary", {}, `${counted(children.length, "document")} inside`);
    const list = element("ul", {}, ...children.map((node) => this.#row(node)));
    const details = element("details", { class: "inside" }, summary, list);
    details.open = this.#opened.get(version.id) ?? children.length <= INSIDE_OPEN;
    summary.addEventListener("click", () => this.#opened.set(version.id, !details.open));
    return details;
  }

  #confirmRemoval(version, holdsOthers) {
    const consequence = `Answers will no longer use it${holdsOthers ? ", nor what is inside it" : ""}.`;
    const remove = element("button", { type: "button", class: "danger" }, "Remove");
    const keep = element("button", { type: "button" }, "Keep");
    const dialog = element(
      "dialog",
      { "aria-label": "Remove a document" },
      element("p", {}, "Remove ", element("strong", { dir: "auto" }, version.title), "?"),
      element("p", { class: "quiet" }, consequence),
      element("div", { class: "dialog-buttons" }, keep, remove),
    );
    keep.addEventListener("click", () => dialog.close());
    remove.addEventListener("click", () => {
      dialog.close();
      this.#remove(version);
    });
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }

  async #remove(version) {
    await this.#attempt(() => removeDocument(version.id));
    await this.#changed(this.#collection);
    this.#heading.focus();
  }

  async #attempt(action) {
    try {
      this.#problem.replaceChildren();
      await action();
    } catch (error) {
      this.#problem.replaceChildren(problemNotice(error));
    }
  }

  #dropZone() {
    const input = element("input", { type: "file", multiple: true, id: "files", class: "visually-hidden" });
    input.addEventListener("change", () => {
      this.addFiles([...input.files]);
      input.value = ""; // the same file may be chosen again
    });
    return element(
      "div",
      { class: "drop-zone" },
      input,
      element("label", { class: "button primary", for: "files" }, "Add files"),
      element("span", {}, "or drop them anywhere on this page: documents, scans, tables, slides, mails, archives."),
    );
  }
}

function describe(version) {
  const added = new Date(version.created_at).toLocaleDateString(undefined, { dateStyle: "medium" });
  const parts = [version.name, mediaTypeInWords(version.media_type)];
  if (version.pages) parts.push(counted(version.pages, pageWord(version.media_type)));
  return [...parts, `added ${added}`].filter((part) => part && part !== version.title).join(" · ");
}
