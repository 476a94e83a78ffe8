// Puts the page together: the address decides what is shown.

import { collections } from "./api.js";
import { AskView } from "./ask.js";
import { DocumentsView } from "./documents.js";
import { element } from "./dom.js";
import { addressOf, closeSource, currentRoute, followLinks, go, onRouteChange } from "./route.js";
import { hideSource, openSource } from "./source.js";

const page = document.getElementById("page");
const panel = document.getElementById("source");
const dropHint = document.getElementById("drop-hint");
const narrow = matchMedia("(max-width: 60rem)");

const views = { ask: document.getElementById("ask"), documents: document.getElementById("documents") };
const askView = new AskView(views.ask);
const documentsView = new DocumentsView(views.documents, () => {
  askView.forget();
  offerCollections();
});

let openedPlace = "";
let shownDocuments = "";
let opener = null;

function showRoute() {
  const route = currentRoute();
  document.title = route.question && route.view === "ask" ? `${route.question} – Pincite` : "Pincite";
  for (const [name, section] of Object.entries(views)) section.hidden = name !== route.view;
  for (const link of document.querySelectorAll("nav a")) {
    const view = link.dataset.view;
    link.href = addressOf({ ...route, view, source: null });
    if (view === route.view) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.querySelector("#collection select").value = route.collection;
  showSource(route.source);
  if (route.view === "ask") askView.show(route);
  showDocuments(route);
}

/** The list is read when the view is entered, not again whenever a source is opened from it. */
function showDocuments({ view, collection }) {
  const wanted = view === "documents" ? collection : "";
  if (wanted && wanted !== shownDocuments) documentsView.show(wanted);
  shownDocuments = wanted;
}

function showSource(place) {
  const wanted = JSON.stringify(place);
  if (wanted === openedPlace) return;
  if (place && panel.hidden) opener = document.activeElement;
  openedPlace = wanted;
  if (place) openSource(panel, place);
  else hideSource(panel);
  placePanel();
  if (!place && opener?.isConnected) opener.focus({ preventScroll: true });
}

/** On wide screens the page scrolls beside the panel; on narrow ones it is under it and must not take the focus. */
function placePanel() {
  const scrolled = page.scrollTop || scrollY;
  document.body.classList.toggle("source-open", !panel.hidden);
  page.inert = narrow.matches && !panel.hidden;
  page.scrollTop = scrolled;
  scrollTo(0, scrolled);
}

async function offerCollections() {
  const names = (await collections().catch(() => [])).map(({ name }) => name);
  const { collection } = currentRoute();
  if (!names.includes(collection)) names.push(collection);
  const choice = document.getElementById("collection");
  const select = choice.querySelector("select");
  select.replaceChildren(...names.map((name) => element("option", { value: name }, name)));
  select.value = collection;
  choice.hidden = names.length < 2;
}

function acceptDrops() {
  const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");
  addEventListener("dragover", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault(); // or the browser would leave this page for the file
    dropHint.hidden = false;
  });
  addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) dropHint.hidden = true;
  });
  addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    dropHint.hidden = true;
    const files = [...event.dataTransfer.files];
    go({ ...currentRoute(), view: "documents", source: null });
    documentsView.addFiles(files);
  });
}

document.querySelector("#collection select").addEventListener("change", (event) => {
  go({ ...currentRoute(), collection: event.target.value, source: null });
});
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !panel.hidden && !document.querySelector("dialog[open]")) closeSource();
});
narrow.addEventListener("change", placePanel);
onRouteChange(showRoute);
followLinks(document);
acceptDrops();
offerCollections();
showRoute();
