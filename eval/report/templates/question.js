// One question: what was expected, and what each system made of it.

/** What is shown beside the list for a question; `data` is the whole of the page's data. */
function questionNodes(question, data) {
  const several = data.systems.length > 1;
  const results = question.results.map((result, system) => resultNode(result, system, data));
  return [
    element("h3", { dir: "auto" }, question.text),
    element("p", { class: "badges" }, ...questionBadges(question)),
    ...expectedNodes(question),
    element("div", { class: several ? "results several" : "results" }, ...results),
  ];
}

function questionBadges(question) {
  const slices = Object.entries(question.slices).map(([field, value]) => badge(`${field}: ${value}`));
  return [badge(question.id), ...slices, ...(question.heldOut ? [badge("held out")] : [])];
}

function badge(words, kind = "") {
  return element("span", { class: `badge ${kind}`.trim() }, words);
}

function outcomeBadges(problems, labels) {
  if (problems.length === 0) return [badge("no problem", "fine")];
  return problems.map((problem) => badge(labels[problem], "problem"));
}

function expectedNodes(question) {
  const nodes = [element("h4", {}, "Expected")];
  if (question.answerable === false) nodes.push(element("p", {}, "Not answerable from the documents: to be declined."));
  for (const answer of question.goldAnswers) nodes.push(element("p", { class: "answer" }, answer));
  for (const gold of question.gold) nodes.push(...goldNodes(gold));
  if (nodes.length === 1) nodes.push(element("p", { class: "quiet" }, "The run file has no gold evidence for this."));
  return nodes;
}

function goldNodes(gold) {
  const placed = gold.start !== null || !gold.quote ? placeText(gold) : `${placeText(gold)} (not placed in our text)`;
  return [
    gold.quote ? quoteNode("gold", gold.quote) : null,
    element("p", { class: "place" }, [gold.document, placed].filter(Boolean).join(" · ")),
  ].filter(Boolean);
}

function resultNode(result, system, data) {
  const heading = data.systems.length > 1 ? element("h3", {}, data.systems[system]) : null;
  if (result === null) return element("div", { class: "result" }, heading, element("p", {}, "This system was not asked."));
  return element(
    "div",
    { class: "result" },
    heading,
    element("h4", {}, "Came back"),
    element("p", { class: "badges" }, ...outcomeBadges(result.problems, data.problems)),
    ...cameBackNodes(result, data.thresholds[system]),
    ...passageNodes(result, data),
    detailsNode("Figures of this question", [
      valuesTable("measure", result.metrics),
      valuesTable("signal", result.signals),
      valuesTable("milliseconds", result.stages),
    ]),
  );
}

function cameBackNodes(result, threshold) {
  if (result.error !== null) return [element("p", { class: "answer bad" }, result.error)];
  const nodes = [element("p", { class: "quiet" }, decisionText(result, threshold))];
  if (result.answer !== null) nodes.push(element("p", { class: "answer" }, result.answer));
  if (result.withheld.length > 0) nodes.push(element("h4", {}, "Held back"));
  for (const citation of [...result.citations, ...result.withheld]) nodes.push(...citationNodes(citation, result.answer));
  return nodes;
}

function decisionText({ abstained, confidence, ms }, threshold) {
  const decision = { true: "Abstained", false: "Answered" }[abstained];
  const sure = confidence === null ? undefined : `confidence ${confidence.toFixed(3)}`;
  const limit = threshold === null ? undefined : `answers from ${threshold}`;
  const time = ms ? `${Math.round(ms).toLocaleString("en")} ms` : undefined;
  return [decision, sure, limit, time].filter(Boolean).join(" · ");
}

/** The quote, unless it is all of the answer above, and where it stands. */
function citationNodes(citation, answer) {
  const checks = [citation.gold ? "on gold evidence" : "", citation.verified ? "" : "not verified"];
  return [
    oneLine(citation.quote) === oneLine(answer ?? "") ? null : quoteNode("cited", citation.quote),
    element("p", { class: "place" }, [citation.document, placeText(citation), ...checks].filter(Boolean).join(" · ")),
  ].filter(Boolean);
}

function quoteNode(kind, words) {
  return element("blockquote", { class: `quote ${kind}` }, ...markedText(words, []));
}

function oneLine(words) {
  return words.split(/\s+/).join(" ").trim();
}

function passageNodes(result, data) {
  if (result.passages.length === 0) return [];
  const shown = result.passages.map((passage, index) => [passage, index + 1]);
  const full = shown.filter(([passage]) => passage.text !== undefined);
  const others = shown.filter(([passage]) => passage.text === undefined);
  return [
    element("h4", {}, "Passages"),
    full.length > 0 ? legend() : null,
    ...full.map(([passage, rank]) => passageNode(passage, rank, data.texts[passage.text])),
    others.length > 0 ? detailsNode(counted(others.length, "more passage"), [othersTable(others)]) : null,
  ].filter(Boolean);
}

function passageNode(passage, rank, text) {
  return element(
    "div",
    { class: "passage" },
    element(
      "p",
      { class: "passage-head" },
      element("strong", {}, `${rank}. ${passage.document}`),
      passage.gold ? badge("has gold evidence", "fine") : null,
      element("span", { class: "place" }, `${placeText(passage)} · score ${passage.score}`),
    ),
    element("div", { class: "passage-text" }, ...markedText(text, passage.marks)),
  );
}

function othersTable(others) {
  const rows = others.map(([passage, rank]) => [
    String(rank), passage.document, placeText(passage), String(passage.score), passage.gold ? "yes" : "",
  ]);
  return tableNode(["rank", "document", "place", "score", "gold"], rows);
}

function valuesTable(name, values) {
  const rows = Object.entries(values).map(([key, value]) => [key, String(value)]);
  return rows.length > 0 ? tableNode([name, ""], rows) : null;
}

function tableNode(columns, rows) {
  const head = element("tr", {}, ...columns.map((column) => element("th", { scope: "col" }, column)));
  const body = rows.map(([first, ...cells]) =>
    element("tr", {}, element("th", { scope: "row" }, first), ...cells.map((cell) => element("td", {}, cell))));
  return element("table", { class: "small" }, element("thead", {}, head), element("tbody", {}, ...body));
}

function detailsNode(words, children) {
  const scroll = element("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": words }, ...children);
  return element("details", {}, element("summary", {}, words), scroll);
}
