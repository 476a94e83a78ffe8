// How a passage was found and what the confidence is made of, behind a line that opens.

import { element } from "./dom.js";
import { utf16Ranges } from "./offsets.js";

const STAGES = {
  dense: "Meaning (cosine)",
  lexical: "Words (BM25)",
  fused: "Both together",
  rerank: "Cross-encoder (logit)",
  final: "Final",
};

/** The stages of a passage and the sentences that were read in it; null where the answer has no explanation. */
export function renderPassageExplanation(passage, explanation) {
  const found = explanation?.passages.find(({ id }) => id === passage.id);
  if (!found) return null;
  const rows = Object.entries(STAGES).map(([name, words]) => {
    const { rank, score } = found[name];
    return [words, rank ?? "–", score === null ? "–" : score.toFixed(3)];
  });
  return disclosure(table(["Stage", "Rank", "Score"], rows), sentences(passage, found));
}

function sentences(passage, { sentences: read }) {
  if (!read.length) return null;
  const relative = read.map(({ start, end }) => ({ start: start - passage.start, end: end - passage.start }));
  const ranges = utf16Ranges(passage.text, relative);
  const rows = read.map(({ logit, coverage }, index) => {
    const score = logit === null ? `${Math.round(coverage * 100)} %` : logit.toFixed(2);
    return [passage.text.slice(ranges[index].start, ranges[index].end), score];
  });
  return table(["Sentence read", read[0].logit === null ? "Words held" : "Logit"], rows);
}

/** The signals of the confidence with what each adds; null where the answer has no explanation. */
export function renderConfidenceExplanation(explanation) {
  if (!explanation) return null;
  const { threshold, bias, signals } = explanation.confidence;
  const words = element("p", { class: "quiet" }, `Below ${threshold.toFixed(2)} no answer is given.`);
  const values = signals.map(({ name, value }) => [name, value.toFixed(3)]);
  if (bias === null) return disclosure(words, table(["Signal", "Value"], values));
  const added = signals.map(({ contribution }, index) => [...values[index], signed(contribution)]);
  return disclosure(words, table(["Signal", "Value", "Adds to the log-odds"], [...added, ["(bias)", "", signed(bias)]]));
}

function signed(number) {
  if (number === null) return "–";
  return `${number < 0 ? "−" : "+"}${Math.abs(number).toFixed(2)}`;
}

function disclosure(...parts) {
  return element("details", { class: "explanation" }, element("summary", {}, "How this was found"), ...parts);
}

function table(columns, rows) {
  const head = element("tr", {}, ...columns.map((name) => element("th", {}, name)));
  const body = rows.map((cells) => element("tr", {}, ...cells.map((cell) => element("td", { dir: "auto" }, String(cell)))));
  return element("table", {}, element("thead", {}, head), element("tbody", {}, ...body));
}
