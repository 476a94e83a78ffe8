// What people call a format, and what its pages are.

const WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const POWERPOINT = "application/vnd.openxmlformats-officedocument.presentationml.presentation";
const EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const OLD_EXCEL = "application/vnd.ms-excel";
const PRESENTATION = "application/vnd.oasis.opendocument.presentation";
const SPREADSHEET = "application/vnd.oasis.opendocument.spreadsheet";

const FORMATS = new Map([
  ["application/pdf", "PDF"],
  [WORD, "Word"],
  [POWERPOINT, "PowerPoint"],
  [EXCEL, "Excel"],
  [OLD_EXCEL, "Excel"],
  ["application/vnd.oasis.opendocument.text", "OpenDocument text"],
  [PRESENTATION, "OpenDocument presentation"],
  [SPREADSHEET, "OpenDocument spreadsheet"],
  ["application/rtf", "RTF"],
  ["application/epub+zip", "E-book"],
  ["application/mbox", "Mailbox"],
  ["application/x-tar", "Archive"],
  ["application/zip", "Archive"],
  ["application/json", "JSON"],
  ["application/jsonl", "JSON lines"],
  ["application/xml", "XML"],
  ["message/rfc822", "Mail"],
  ["text/csv", "CSV"],
  ["text/html", "HTML"],
  ["text/markdown", "Markdown"],
  ["text/plain", "Text"],
  ["text/tab-separated-values", "TSV"],
  ["text/x-rst", "reStructuredText"],
  ["text/x-source", "Source code"],
]);

const PAGES = new Map([
  [POWERPOINT, "slide"],
  [PRESENTATION, "slide"],
  [EXCEL, "sheet"],
  [OLD_EXCEL, "sheet"],
  [SPREADSHEET, "sheet"],
]);

/** What people call a media type. */
export function mediaTypeInWords(mediaType) {
  if (FORMATS.has(mediaType)) return FORMATS.get(mediaType);
  return mediaType.startsWith("image/") ? `${mediaType.slice("image/".length).toUpperCase()} image` : mediaType;
}

/** What a page of a format is called: "page", "slide" or "sheet". */
export function pageWord(mediaType) {
  return PAGES.get(mediaType) ?? "page";
}

/** Whether the pages of a version can be looked at; what has boxes has pages to draw them on. */
export function hasPageImages({ pages, media_type: mediaType, has_boxes: hasBoxes }) {
  return pages !== null && (hasBoxes || mediaType === "application/pdf" || mediaType.startsWith("image/"));
}
