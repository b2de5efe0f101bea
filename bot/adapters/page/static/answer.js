// Show an answer. templates/answer.html.jinja makes the same without JavaScript: change both together.

import { make } from "./dom.js";

const TAGS = ["current", "superseded", "draft", "historical"];

/** Where a quotation stands, on the page of its document. */
export function place(citation) {
  const document = citation.document_id.split("/").map(encodeURIComponent).join("/");
  return `/documents/${document}?start=${citation.start}&end=${citation.end}#p-${citation.start}`;
}

const MONTHS = "January February March April May June July August September October November December".split(" ");

/** A date of a document as people write it: 2021-06-30 is 30 June 2021; what is no such date stays as it is. */
export function inWords(date) {
  const found = /^(\d{4})-(\d{2})(?:-(\d{2}))?$/.exec(date);
  const month = found && MONTHS[found[2] - 1];
  return month ? [found[3] && Number(found[3]), month, found[1]].filter(Boolean).join(" ") : date;
}

/** A quotation as the page shows it: its words, without the bars, bullets and stars of Markdown. */
export function readable(quote) {
  const shown = quote
    .replace(/\*\*([^*\n]+)\*\*|`([^`\n]+)`|!?\[([^\]\n]+)\]\([^()\s]*\)/g, (_, bold, code, link) => bold ?? code ?? link)
    .replace(/\n\s*[-*+][ \t]+/g, "\n• ");
  return /^\|\s*([^\n]*?)\s*\|$/.exec(shown)?.[1] ?? shown;
}

const words = (text) => (text.match(/[\p{L}\p{N}_]+/gu) ?? []).join(" ");

export const tag = (status) =>
  status && make("span", { class: `tag ${TAGS.includes(status) ? status : "other"}` }, status[0].toUpperCase() + status.slice(1));

/** The status of a document, and what took its place. `newer` are documents. */
export function standing(status, newer) {
  const links = newer.map((one, at) => [at ? ", " : " by ", make("a", { href: one.url, "data-reads": true }, one.title)]);
  return [tag(status), ...links];
}

export function mark(citation) {
  return make("a", { class: "mark", href: place(citation), "data-reads": true, "data-locator": citation.locator },
    make("span", { class: "unseen" }, "Source "), citation.number);
}

/** A sentence with its marks, or a lead-in with the items of a list below it, a line each. */
export function said(sentence, citations) {
  const cited = citations.filter((citation) => sentence.citations.includes(citation.number));
  const [first, ...rest] = sentence.text.split("\n");
  const items = rest.map((line) => make("li", {}, line.replace(/^- /, "")));
  return [make("p", {}, first.replace(/^- /, ""), " ", cited.map(mark)), items.length ? make("ul", {}, items) : null];
}

/** The citations that differ, the latest first: an earlier one is said after the one it differs from. */
export function pairOf(answer, conflict) {
  const earlier = answer.conflicts.map((one) => one.number);
  let latest = null;
  for (const sentence of answer.sentences) {
    if (sentence.citations.includes(conflict.number)) break;
    if (sentence.citations.length && !earlier.includes(sentence.citations[0])) latest = sentence.citations[0];
  }
  return [latest, conflict.number].map((number) => answer.citations.find((one) => one.number === number)).filter(Boolean);
}

function pair(answer, conflict) {
  const two = pairOf(answer, conflict);
  return make("div", { class: "pair", role: "group", "aria-label": "The documents differ" },
    make("p", { class: "differ" }, "The documents differ"),
    two.map((one, at) => make("div", { class: "side" },
      make("p", { class: "when" }, at === two.length - 1 ? "Earlier" : "Latest", one.date && `: ${inWords(one.date)}`, " ", tag(one.status)),
      make("blockquote", {}, readable(one.quote)),
      make("p", { class: "from" }, mark(one), " ", one.title))));
}

/** A source; its quotation, unless it has been read above, word for word. */
function source(citation, newer, read) {
  return make("li", { value: citation.number },
    make("a", { href: place(citation), "data-reads": true, "data-id": citation.document_id, "data-locator": citation.locator }, citation.title),
    make("p", { class: "facts" }, inWords(citation.date), " ", standing(citation.status, newer(citation.document_id)),
      citation.locator !== citation.title && make("span", { class: "locator" }, citation.locator)),
    !read.includes(words(citation.quote)) && make("blockquote", {}, readable(citation.quote)));
}

/** The whole of an answer. `newer(id)` gives the documents that took the place of one; `again(question)` asks. */
export function shown(answer, { newer, again }) {
  const refusal = answer.status === "not_found";
  const read = words(answer.sentences.map((sentence) => sentence.text).join(" "));
  const parts = [
    answer.notice && make("p", { class: "notice" }, answer.notice),
    refusal && make("h3", { class: "refusal" }, "Not found in the documents"),
    make("div", { class: "said" }, answer.sentences.length
      ? answer.sentences.map((sentence) => {
        const conflict = answer.conflicts.find((one) => one.number === sentence.citations[0]);
        return conflict ? pair(answer, conflict) : said(sentence, answer.citations);
      })
      : make("p", {}, answer.text)),
  ];
  if (answer.citations.length) {
    parts.push(make("h3", {}, refusal ? "Nearest passages" : "Sources"));
    parts.push(make("ol", { class: "sources" }, answer.citations.map((citation) => source(citation, newer, read))));
  }
  if (answer.suggestions.length) {
    parts.push(make("h3", { class: "suggestions-title" }, "You could ask"));
    parts.push(make("ul", { class: "suggestions" }, answer.suggestions.map((suggestion) =>
      make("li", {}, make("button", { type: "button", click: () => again(suggestion) }, suggestion)))));
  }
  return parts.flat(Infinity).filter(Boolean);
}

/** What is read out when an answer has come. */
export function spoken(answer) {
  const text = answer.text.replace(/\s*\[\d+\]/g, "");
  const count = answer.citations.length;
  const passages = answer.status === "not_found" ? "nearest passage" : "source";
  return count ? `Answer: ${text} ${count} ${passages}${count === 1 ? "" : "s"}.` : text;
}

/** An answer as plain text, with its sources. */
export function plain(answer) {
  const sources = answer.citations.map((one) => {
    const facts = [inWords(one.date), one.status].filter(Boolean).join(", ");
    return `[${one.number}] ${one.title}${facts ? ` (${facts})` : ""}. ${one.locator}\n    “${readable(one.quote)}”\n    ${new URL(place(one), location.origin)}`;
  });
  const title = answer.status === "not_found" ? "Nearest passages" : "Sources";
  return [answer.question, "", answer.text, ...(sources.length ? ["", title, ...sources] : [])].join("\n");
}
