// One file on its way in: its progress, what became of it, and of each file inside of it.

import { counted, element } from "./dom.js";
import { lossesNotice } from "./notice.js";
import { addressWith, wholeDocument } from "./route.js";

const OUTCOMES = {
  added: "Added",
  updated: "Replaced its earlier version",
  unchanged: "Was there already, unchanged",
  renamed: "Was there already, under another name",
  removed: "Removed",
};
const MEMBERS_OPEN = 8; // longer lists are opened on demand
const MOST_MEMBERS = 500;

/** A row in the list of uploads. */
export class UploadRow {
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

  /** Show the results of a job that has ended; gives the outcome in words. */
  ended({ results, errors }) {
    const [result, ...members] = outermostFirst(results);
    if (!result) return this.failed(errors.join("; "));
    if (result.document_id) this.#name.replaceChildren(documentLink(result, this.#name.textContent));
    const words = result.status === "failed" ? this.failed(result.reason) : this.#end("done", outcomeOf(result));
    this.node.append(...[lossesNotice(result.losses), memberList(result, members)].filter((node) => node !== null));
    return members.length ? `${words}. ${summaryOf(members)}` : words;
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

/** The file itself before those inside of it, whose paths continue its own. */
function outermostFirst(results) {
  const outermost = results.reduce((a, b) => (b.path.length < a.path.length ? b : a), results[0]);
  return outermost ? [outermost, ...results.filter((result) => result !== outermost)] : [];
}

function outcomeOf({ status, pages_total: total, pages_with_text: withText }) {
  const pages = total && withText < total ? `; text on ${withText} of ${total} pages` : "";
  return OUTCOMES[status] + pages;
}

/** The files inside of `outer`, those first of which something is missing. */
function memberList(outer, members) {
  if (!members.length) return null;
  const sorted = members.toSorted((a, b) => urgency(b) - urgency(a));
  const rows = sorted.slice(0, MOST_MEMBERS).map((member) => memberRow(member, outer.path));
  const more = members.length - rows.length;
  if (more) rows.push(element("li", { class: "quiet" }, `and ${counted(more, "other file")}`));
  const details = element("details", { class: "members" }, element("summary", {}, summaryOf(members)));
  details.append(element("ul", {}, ...rows));
  details.open = members.length <= MEMBERS_OPEN || urgency(sorted[0]) === 2;
  return details;
}

const urgency = ({ status, losses }) => (status === "failed" ? 2 : Number(losses.length > 0));

function memberRow(member, outerPath) {
  const isFailed = member.status === "failed";
  const name = member.path.startsWith(`${outerPath}#`) ? member.path.slice(outerPath.length + 1) : member.path;
  return element(
    "li",
    { class: isFailed ? "failed" : "done" },
    element("span", { class: "name", dir: "auto" }, member.document_id ? documentLink(member, name) : name),
    element("span", { class: "state" }, isFailed ? member.reason : outcomeOf(member)),
    lossesNotice(member.losses),
  );
}

function summaryOf(members) {
  const failures = members.filter(({ status }) => status === "failed").length;
  const inside = `${counted(members.length, "file")} inside`;
  return failures ? `${inside}, ${failures} of them not read` : `${inside}, all read`;
}

function documentLink({ document_id: id }, text) {
  return element("a", { href: addressWith({ view: "documents", source: wholeDocument(id) }) }, text);
}
