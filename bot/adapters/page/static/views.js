// The other views of the page: the path for new starters, words, documents, and earlier conversations.

import { byId, make, tell } from "./dom.js";
import { inWords, mark, place, standing } from "./answer.js";
import { get, once, put, remove } from "./service.js";
import { askNow, beginAgain, isOpen } from "./conversation.js";

const inside = (view) => byId(view).querySelector(".content");
const questions = (some) => make("ul", { class: "examples" },
  some.map((question) => make("li", {}, make("button", { type: "button", click: () => askNow(question) }, question))));

/** Show what a view needs, or why it can't. */
export async function show(view) {
  const content = inside(view);
  if (!content.childElementCount) content.replaceChildren(make("p", { class: "step busy" }, "Loading"));
  try {
    content.replaceChildren(...(await VIEWS[view]()).flat(Infinity).filter(Boolean));
  } catch (error) {
    content.replaceChildren(make("p", { class: "problem", role: "alert" }, error.message));
  }
}

const VIEWS = {
  async start() {
    const { steps, progress } = await get("/v1/onboarding");
    const count = `${progress.done.length} of ${progress.total} steps done`;
    return [
      make("p", { class: "lead" }, "A short path through what to know first. Take the steps in any order."),
      make("p", { class: "quietly", id: "start-count" }, count),
      make("progress", { max: progress.total, value: progress.done.length, "aria-labelledby": "start-count" }),
      make("ol", { class: "cards" }, steps.map((step) => stepCard(step, progress.done.includes(step.id)))),
    ];
  },

  async glossary() {
    const terms = await get("/v1/glossary");
    if (!terms.length) return [make("p", {}, "The documents don’t explain any words.")];
    const rows = terms.map(term);
    const count = make("p", { class: "quietly", role: "status" });
    const filter = make("input", { type: "search", id: "glossary-filter", autocomplete: "off", input: narrow });
    function narrow() {
      const wanted = filter.value.trim().toLowerCase();
      for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
      const left = rows.filter((row) => !row.hidden).length;
      const all = rows.length === 1 ? "1 word" : `${rows.length} words`;
      count.textContent = left === rows.length ? all : `${left} of ${all}`;
    }
    narrow();
    return [
      make("p", { class: "lead" }, "What words and abbreviations mean. Each meaning leads to where a document says so."),
      make("label", { for: "glossary-filter" }, "Find a word"), filter, count,
      make("dl", { class: "terms" }, rows),
    ];
  },

  async documents() {
    const listed = await get("/v1/documents");
    if (!listed.length) return [make("p", {}, "There are no documents yet.")];
    const title = (id) => listed.filter((one) => one.id === id);
    return [
      make("p", { class: "lead" }, "Answers come from these documents and from nowhere else."),
      make("ul", { class: "cards" }, listed.map((one) => make("li", { class: "card" },
        make("h2", {}, make("a", { href: one.url, "data-reads": true }, one.title)),
        make("p", { class: "facts" },
          [one.date && `${inWords(one.date)}${one.date_is === "inferred" ? " (inferred)" : ""}`, one.kind.replaceAll("-", " ")].filter(Boolean).join(", "),
          " ", standing(one.status, one.superseded_by.flatMap(title)))))),
    ];
  },

  async history() {
    const listed = await get("/v1/conversations?limit=100");
    if (!listed.length) return [make("p", {}, "You have no conversations yet.")];
    return [make("ul", { class: "cards" }, listed.map(conversationCard))];
  },
};

function term({ short, long, meanings, used, owners_meaning: owners }) {
  const link = (one, words) => make("a", { href: one.url, "data-reads": true }, words);
  // What an abbreviation is spelled out as is said once; a sentence that says more is said with its date.
  const [first] = meanings;
  const told = meanings.map((one) => make("dd", {},
    one === first && long ? [link(one, long), one.text.length > long.length + short.length + 4 ? `: ${one.text}` : ""]
      : [link(one, one.text), one.date && one.date !== first.date ? ` (${inWords(one.date)})` : ""]));
  return make("div", {}, make("dt", {}, short), told,
    used.length ? make("dd", {}, "Used, not expanded: ", link(used[0], used[0].locator)) : null,
    owners ? make("dd", { class: "quietly" }, `In the content owners’ words: ${owners}`) : null);
}

/** A text with the marks of its sources, where it has their numbers. */
const marked = (text, citations) => text.split(/\s*\[(\d+)\]/).map((part, at) =>
  at % 2 ? [" ", citations.filter((one) => one.number === Number(part)).map(mark)] : part);

function paragraphOf(text, citations) {
  if (!text.startsWith("- ")) return make("p", {}, marked(text, citations));
  return make("ul", {}, text.split("\n").map((line) => make("li", {}, marked(line.replace(/^- /, ""), citations))));
}

function stepCard(step, done) {
  const button = make("button", { type: "button", click: () => markDone() }, "Mark as done");
  const card = make("li", { class: "card" }, make("h2", {}, step.title),
    step.text.split(/\n\n+/).filter(Boolean).map((paragraph) => paragraphOf(paragraph, step.citations)),
    step.questions.length ? [make("p", { class: "quietly" }, "Ask, for example"), questions(step.questions)] : null,
    make("p", { class: "buttons" }, done ? make("span", { class: "quietly" }, "Done") : button));
  card.classList.toggle("done", done);
  const markDone = async () => {
    try {
      await put(`/v1/onboarding/steps/${encodeURIComponent(step.id)}`);
    } catch (error) {
      return tell(error.message);
    }
    await show("start");
    tell(byId("start-count").textContent);
    byId("start-title").focus();
  };
  return card;
}

const WHEN = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

function conversationCard(one) {
  const title = one.title || "Untitled";
  const card = make("li", { class: "card split" },
    make("div", {},
      make("a", { href: `#conversation/${one.id}` }, title),
      make("p", { class: "quietly" }, make("time", { datetime: one.updated }, WHEN.format(new Date(one.updated))))),
    make("button", { type: "button", class: "quiet danger", "aria-label": `Delete: ${title}`, click: () => forget() }, "Delete"));
  const forget = async () => {
    if (!(await sure())) return;
    try {
      await remove(`/v1/conversations/${encodeURIComponent(one.id)}`);
    } catch (error) {
      card.append(make("p", { class: "problem", role: "alert" }, error.message));
      return;
    }
    if (isOpen(one.id)) beginAgain();
    tell("Deleted");
    await show("history");
    byId("history-title").focus();
  };
  return card;
}

/** Ask whether a conversation may go. */
function sure() {
  const dialog = byId("sure");
  dialog.returnValue = "keep";
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue === "delete"), { once: true }));
}

/** What a first look offers: the path with its next questions, where there is one, and what answers come from. */
export async function welcome() {
  const [{ steps, progress }, listed] = await Promise.all([get("/v1/onboarding"), once("/v1/documents")]);
  byId("to-start").hidden = !steps.length;
  const next = steps.find((step) => !progress.done.includes(step.id));
  const count = listed.length === 1 ? "1 document" : `${listed.length} documents`;
  const path = next && make("div", { class: "card" },
    make("h2", {}, "New here?"),
    make("p", {}, progress.done.length ? "Next step: " : "Begin with: ", make("a", { href: "#start" }, next.title)),
    questions(next.questions.slice(0, 3)));
  byId("welcome-more").replaceChildren(
    make("p", { class: "quietly" }, "Answers come from ", make("a", { href: "#documents" }, count), ". Abbreviations are in the ",
      make("a", { href: "#glossary" }, "glossary"), "."),
    ...(path ? [path] : []));
}
