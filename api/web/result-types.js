// An answer does not say what kind of file its places are in, which decides between pages, slides and sheets.

import { documentVersion } from "./api.js";

const KEPT = 2_000;

const known = new Map(); // media types never change with a version

/** `result` with a `media_type` for each citation and passage that stands on a page; null where it is not known. */
export async function withMediaTypes(result, signal) {
  const paged = [...result.citations, ...result.passages].filter((place) => place.page_start !== null);
  const unknown = new Map(paged.filter((place) => !known.has(keyOf(place))).map((place) => [keyOf(place), place]));
  if (known.size > KEPT) known.clear();
  await Promise.all([...unknown.values()].map((place) => learn(place, signal)));
  const typed = (place) => ({ ...place, media_type: known.get(keyOf(place)) ?? null });
  return { ...result, citations: result.citations.map(typed), passages: result.passages.map(typed) };
}

async function learn(place, signal) {
  try {
    const version = await documentVersion(place.document_id, place.document_version, signal);
    known.set(keyOf(place), version.media_type);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    // The answer is worth showing without: its document may have been purged a moment ago.
  }
}

const keyOf = ({ document_id: id, document_version: version }) => `${id} ${version}`;
