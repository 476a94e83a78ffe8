// The address holds what is shown, so that links, reloading and the back button work:
// ?q=…&collection=… for a question, ?view=documents for the documents; an open source adds
// &doc=…&version=…&start=…&end=…&page=…&cells=…&passage=….

const ROUTE_CHANGED = "pincite-route";

/** What the address of the page asks for. */
export function currentRoute() {
  return routeOf(new URL(location.href));
}

/** What an address asks for. */
export function routeOf(address) {
  const query = address.searchParams;
  return {
    view: query.get("view") === "documents" ? "documents" : "ask",
    question: query.get("q") ?? "",
    collection: query.get("collection") ?? "default",
    source: query.has("doc") ? sourceOf(query) : null,
  };
}

/** The address of a route. */
export function addressOf(route) {
  const query = new URLSearchParams();
  if (route.view === "documents") query.set("view", "documents");
  if (route.question) query.set("q", route.question);
  if (route.collection !== "default") query.set("collection", route.collection);
  if (route.source) {
    const { id, version, start, end, page, cells, passage } = route.source;
    const within = passage && `${passage.start}-${passage.end}`;
    for (const [name, value] of Object.entries({ doc: id, version, start, end, page, cells, passage: within })) {
      if (value !== null) query.set(name, value);
    }
  }
  return query.size ? `/?${query}` : "/";
}

/** The address that differs from the present one in `changes`. */
export function addressWith(changes) {
  return addressOf({ ...currentRoute(), ...changes });
}

/** Go to a route. A source that replaces another is not a step of its own: one "back" closes the panel. */
export function go(route) {
  const address = addressOf(route);
  if (address === location.pathname + location.search) return;
  if (currentRoute().source && route.source) history.replaceState(history.state, "", address);
  else history.pushState({ openedSource: route.source !== null }, "", address);
  dispatchEvent(new Event(ROUTE_CHANGED));
}

/** Close the source; where it was opened on this page, that is a step back. */
export function closeSource() {
  if (history.state?.openedSource) {
    history.back();
  } else if (currentRoute().source) {
    history.replaceState(null, "", addressWith({ source: null }));
    dispatchEvent(new Event(ROUTE_CHANGED));
  }
}

/** Call `listener` whenever the address has changed. */
export function onRouteChange(listener) {
  addEventListener("popstate", listener);
  addEventListener(ROUTE_CHANGED, listener);
}

/** Follow the page's own links without loading the page again. */
export function followLinks(root) {
  root.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    const modified = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
    if (!link || link.target || link.pathname !== "/" || link.hash || modified) return;
    event.preventDefault();
    go(routeOf(new URL(link.href)));
  });
}

/** A document, opened at its beginning; without `version`, in its current one. */
export function wholeDocument(id, version = null) {
  return { id, version, start: null, end: null, page: null, cells: null, passage: null };
}

/** Where a citation or a passage stands. `passage` is what surrounds `start`..`end`, if it is more than that. */
export function placeOf({ document_id: id, document_version: version, start, end, page_start: page, cells }) {
  return { id, version, start, end, page, cells, passage: null };
}

function sourceOf(query) {
  const number = (name) => (query.has(name) ? Math.max(0, Number.parseInt(query.get(name), 10) || 0) : null);
  const [, first, last] = /^(\d+)-(\d+)$/.exec(query.get("passage")) ?? [];
  return {
    id: query.get("doc"),
    version: query.get("version"),
    start: number("start"),
    end: number("end"),
    page: number("page"),
    cells: /^[A-Z]+\d+(:[A-Z]+\d+)?$/.test(query.get("cells")) ? query.get("cells") : null,
    passage: first === undefined ? null : { start: Number(first), end: Number(last) },
  };
}
