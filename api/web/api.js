// The HTTP interface of this server. Every failure becomes a Problem that can be shown in words.

/** An error as the server describes it (RFC 9457), or as the browser met it. */
export class Problem extends Error {
  constructor(title, detail, requestId = "") {
    super(detail);
    this.title = title;
    this.requestId = requestId;
  }
}

const UNREACHABLE = ["The server does not answer", "Check that it is still running, then try again."];

/** Answer a question that was asked after some turns; further options are fields of the request. */
export function ask(question, collection, { conversation, ...options }, signal) {
  const body = JSON.stringify({ question, collection, conversation, ...options, explain: true });
  const headers = { "Content-Type": "application/json" };
  return json("/v1/query", { method: "POST", headers, body, signal });
}

/** All collections with their counts. */
export async function collections() {
  return (await json("/v1/collections")).data;
}

/** One page of a collection's documents, from behind the id `after`. */
export function documents(collection, after, limit) {
  const query = new URLSearchParams({ collection, limit });
  if (after) query.set("after", after);
  return json(`/v1/documents?${query}`);
}

/** What is known of a version of a document. */
export function documentVersion(id, version, signal) {
  return json(documentUrl(id, "", version), { signal });
}

/** The canonical text of a version, which offsets count in. */
export async function documentText(id, version, signal) {
  const response = await get(documentUrl(id, "/text", version), { signal });
  // response.text() would drop a U+FEFF at the start, and every offset would be one too far.
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(await response.arrayBuffer());
}

/** Where the characters of a span (code points) stand on the images of their pages: one rectangle a line. */
export async function boxes(id, version, { start, end }) {
  const url = documentUrl(id, "/boxes", version, { start, end });
  return (await json(url)).data;
}

/** Remove a document. */
export function removeDocument(id) {
  return get(documentUrl(id, ""), { method: "DELETE" });
}

/** How far an ingestion is. */
export function job(id) {
  return json(`/v1/jobs/${encodeURIComponent(id)}`);
}

/** Where the original file is served. */
export const originalUrl = (id, version) => documentUrl(id, "/original", version);

/** Where the image of a page is served. */
export const pageImageUrl = (id, version, page) => documentUrl(id, `/pages/${page}.png`, version);

/** Send a file; `onProgress` gets the share that is sent. Resolves to a job. */
export function upload(file, collection, onProgress) {
  // fetch cannot tell how much of a body has been sent.
  const sending = new XMLHttpRequest();
  const form = new FormData();
  form.set("file", file, file.name);
  return new Promise((resolve, reject) => {
    sending.upload.addEventListener("progress", (event) => onProgress(event.loaded / event.total));
    sending.addEventListener("load", () => {
      if (sending.status < 300) resolve(JSON.parse(sending.responseText));
      else reject(problemOf(sending.status, sending.responseText));
    });
    sending.addEventListener("error", () => {
      reject(new Problem("The file could not be sent", "It may be a folder, or larger than the server accepts."));
    });
    sending.open("POST", `/v1/documents?${new URLSearchParams({ collection })}`);
    sending.send(form);
  });
}

function documentUrl(id, part, version, others = {}) {
  const query = new URLSearchParams(version ? { ...others, version } : others);
  return `/v1/documents/${encodeURIComponent(id)}${part}${query.size ? `?${query}` : ""}`;
}

async function json(url, options) {
  return (await get(url, options)).json();
}

async function get(url, options) {
  let response;
  try {
    response = await fetch(url, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(...UNREACHABLE);
  }
  if (!response.ok) throw problemOf(response.status, await response.text());
  return response;
}

function problemOf(status, body) {
  try {
    const { title, detail, request_id: requestId } = JSON.parse(body);
    return new Problem(title, detail, requestId);
  } catch {
    return new Problem("The server failed", `It answered with status ${status}.`);
  }
}
