// Documents that are inside others, such as attachments, belong below the one they are in.

import { documentVersion } from "./api.js";

/** `versions` as a list of { version, children } where children are such a list of what is inside. */
export function nested(versions) {
  const nodes = new Map(versions.map((version) => [version.id, { version, children: [] }]));
  const outermost = [];
  for (const node of nodes.values()) {
    const outer = nodes.get(node.version.parent_id);
    (outer ? outer.children : outermost).push(node);
  }
  for (const { children } of nodes.values()) children.sort(byName);
  return outermost;
}

const byName = (a, b) => a.version.name.localeCompare(b.version.name, "en", { numeric: true });

/** The documents that `versions` are in and that are not among them, up to the outermost; those that can be had. */
export async function parentsOf(versions) {
  const found = [];
  const seen = new Set([null, ...versions.map(({ id }) => id)]);
  for (let inner = versions; inner.length; ) {
    const wanted = new Set(inner.map(({ parent_id: id }) => id).filter((id) => !seen.has(id)));
    for (const id of wanted) seen.add(id);
    const asked = await Promise.allSettled([...wanted].map((id) => documentVersion(id)));
    inner = asked.filter(({ status }) => status === "fulfilled").map(({ value }) => value);
    found.push(...inner);
  }
  return found;
}
