// The answer to a question: its text with citation markers, how sure it is, and the ranked passages.

import { alsoIn } from "./also-in.js";
import { counted, element } from "./dom.js";
import { renderConfidenceExplanation, renderPassageExplanation } from "./explanation.js";
import { utf16Ranges } from "./offsets.js";
import { placeInWords } from "./places.js";
import { addressWith, currentRoute, go, placeOf } from "./route.js";
import { markedText, wordStart } from "./text-nodes.js";

const EXCERPT = 480; // UTF-16 units of a passage that are shown at first
const BEFORE_EVIDENCE = 160;

/** Everything that is shown for an answer. */
export function renderResult(result) {
  return [
    ...result.warnings.map((warning) => element("p", { class: "notice", role: "note" }, warning)),
    result.answer ? renderAnswer(result) : renderAbstention(result),
    renderPassages(result),
    renderTimings(result),
  ];
}

/** One sentence on the outcome, for screen readers. */
export function outcomeInWords(result) {
  if (!result.answer) return `No answer: ${result.abstain_reason}`;
  return `Answered with ${counted(result.citations.length, "citation")}: ${result.answer.text}`;
}

function renderAnswer(result) {
  const citations = result.citations.map((citation) => renderCitation(citation, result.passages));
  return element(
    "article",
    { class: "answer", "aria-label": "Answer" },
    element("p", { class: "answer-text", dir: "auto" }, ...answerNodes(result)),
    ...result.conflicts.map((conflict) => renderConflict(conflict, result)),
    element("ol", { class: "citations", "aria-label": "Citations" }, ...citations),
    renderConfidence(result),
    renderConfidenceExplanation(result.explanation),
  );
}

/** The answer's text, the exact answer marked, with the numbers of its citations behind each piece. */
function answerNodes(result) {
  const { answer } = result;
  const ranges = utf16Ranges(answer.text, answer.spans);
  const spans = [...answer.spans].sort((a, b) => a.start - b.start);
  const { exact } = answer;
  const exactly = exact ? utf16Ranges(answer.text, [{ start: exact.answer_start, end: exact.answer_end }]) : [];
  const nodes = [];
  let position = 0;
  ranges.forEach((range, index) => {
    nodes.push(...markedText(answer.text, exactly, position, range.end));
    for (const id of spans[index].citations) nodes.push(citationMarker(id, result));
    position = range.end;
  });
  return [...nodes, answer.text.slice(position)];
}

/** That documents contradict each other, with the numbers of the citations that show it. */
function renderConflict({ text, citations }, result) {
  const markers = citations.map((id) => citationMarker(id, result));
  return element("p", { class: "conflict", dir: "auto" }, text, ...markers);
}

function citationMarker(id, { citations, passages }) {
  const number = 1 + citations.findIndex((citation) => citation.id === id);
  const citation = citations[number - 1];
  const label = `Citation ${number}: ${citation.document_title}, ${placeInWords(citation)}`;
  const attributes = { class: "marker", "aria-label": label, title: label };
  return placeLink(citationPlace(citation, passages), attributes, String(number));
}

/** The quote in the document, and the passage that it is from. */
function citationPlace(citation, passages) {
  const passage = passages.find(({ id }) => id === citation.passage_id);
  return { ...placeOf(citation), passage: passage ? { start: passage.start, end: passage.end } : null };
}

function renderCitation(citation, passages) {
  const place = placeInWords(citation);
  const checked = citation.verified
    ? element("span", { class: "verified", title: "The quote was compared with the stored text." }, "✓ verified")
    : element("span", { class: "unverified" }, "does not match the stored text");
  const link = placeLink(citationPlace(citation, passages), { dir: "auto" }, citation.document_title);
  const day = citation.document_date?.slice(0, 10); // without the time
  const words = [place, day].filter(Boolean).join(" · ");
  const where = element("span", { class: "place", dir: "auto" }, words);
  return element("li", {}, element("div", {}, link, where, checked, alsoIn(citation.also_in)));
}

function renderConfidence({ confidence, confidence_calibration: calibration }) {
  const words = confidence >= 0.8 ? "high" : confidence >= 0.6 ? "medium" : "low";
  return element(
    "p",
    { class: "confidence quiet" },
    element("meter", { min: 0, max: 1, value: confidence, "aria-hidden": "true" }),
    `Confidence: ${words}, ${confidence.toFixed(2)} (${calibration})`,
  );
}

function renderAbstention(result) {
  const reason = result.abstain_reason ?? "no answer was asked for";
  return element(
    "article",
    { class: "notice abstained", "aria-label": "No answer" },
    element("strong", {}, "No answer in these documents"),
    element("p", {}, `${reason[0].toUpperCase()}${reason.slice(1)}.`),
    renderConfidenceExplanation(result.explanation),
  );
}

function renderPassages({ answer, passages, explanation }) {
  if (!passages.length) return element("p", { class: "quiet" }, "There are no passages to show.");
  const title = answer ? "Passages" : "Closest passages";
  return element(
    "section",
    { class: answer ? "passages" : "passages closest", "aria-label": title },
    element("h2", {}, title),
    element("ol", {}, ...passages.map((passage) => renderPassage(passage, explanation))),
  );
}

function renderPassage(passage, explanation) {
  const place = evidencePlace(passage);
  const open = (event) => {
    // Links and buttons in the card act for themselves, and selecting text is not a click.
    if (event.target.closest("a, button, details") || !getSelection().isCollapsed) return;
    go({ ...currentRoute(), source: place });
  };
  return element(
    "li",
    { class: "passage", on: { click: open } },
    element(
      "div",
      { class: "passage-head" },
      element("span", { class: "rank", "aria-hidden": "true" }, String(passage.rank)),
      element("h3", {}, placeLink(place, { dir: "auto" }, passage.document_title)),
      element("span", { class: "score", title: scoresInWords(passage.scores) }, passage.score.toFixed(2)),
    ),
    element("p", { class: "place", dir: "auto" }, placeInWords(passage)),
    ...renderExcerpt(passage),
    alsoIn(passage.also_in),
    renderPassageExplanation(passage, explanation),
  );
}

/** The evidence in the document where the passage has some, else the whole passage. */
function evidencePlace(passage) {
  const place = placeOf(passage);
  const [first] = passage.highlights;
  if (!first) return place;
  const evidence = { start: passage.start + first.start, end: passage.start + first.end };
  return { ...place, ...evidence, passage: { start: passage.start, end: passage.end } };
}

function renderExcerpt({ text, highlights }) {
  const ranges = utf16Ranges(text, highlights);
  const evidence = ranges[0] ?? { start: 0, end: 0 };
  const from = wordStart(text, evidence.start - BEFORE_EVIDENCE);
  const to = Math.max(wordStart(text, from + EXCERPT), evidence.end);
  const body = element("div", { class: "passage-text" }, ...markedText(text, ranges, from, to));
  if (from === 0 && to === text.length) return [body];
  if (from > 0) body.prepend("… ");
  if (to < text.length) body.append(" …");
  const whole = element("button", { class: "link", type: "button" }, "Show the whole passage");
  whole.addEventListener("click", () => {
    body.replaceChildren(...markedText(text, ranges));
    whole.remove();
  });
  return [body, whole];
}

function scoresInWords(scores) {
  const given = Object.entries(scores).filter(([, score]) => score !== null);
  return given.map(([stage, score]) => `${stage} ${score.toFixed(3)}`).join(" · ");
}

function renderTimings({ timings_ms: timings, index_version: version }) {
  const { total, ...stages } = timings;
  const parts = Object.entries(stages).map(([stage, spent]) => `${stage} ${Math.round(spent)}`);
  const first = total === undefined ? "" : `${Math.round(total)} ms: `;
  return element("p", { class: "quiet timings" }, `${first}${parts.join(" · ")} · index version ${version}`);
}

function placeLink(place, attributes, text) {
  return element("a", { ...attributes, href: addressWith({ view: "ask", source: place }) }, text);
}
