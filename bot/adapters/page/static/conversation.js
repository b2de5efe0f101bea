// The conversation: ask, show what happens meanwhile, show the answer; open an earlier one again.

import { byId, make, tell } from "./dom.js";
import { shown, spoken } from "./answer.js";
import { ask, get, newName, once } from "./service.js";
import { tools } from "./tools.js";

const STEPS = {
  understand: "Reading your question",
  retrieve: "Searching the documents",
  answer: "Choosing quotations",
  verify: "Checking each quotation",
};

let conversationId = "";
let running = null;
let documents = [];

/** Make the form ask without leaving the page. */
export function converse() {
  const form = byId("asking");
  const field = byId("question");
  form.noValidate = true;
  conversationId = form.elements.conversation_id.value;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (running) running.abort();
    else submit(field.value.trim());
  });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    if (!running) form.requestSubmit();
  });
  field.addEventListener("input", () => wrong(""));
  byId("begin-again").addEventListener("click", () => { location.hash = "ask"; beginAgain(); field.focus(); });
  once("/v1/documents").then((listed) => { documents = listed; }, () => {});
  asked(byId("turns").childElementCount > 0);
}

/** Ask from elsewhere on the page; what has the focus goes to the answer. */
export async function askNow(question) {
  if (running) return;
  if (byId("ask").hidden) {
    const shown = new Promise((resolve) => addEventListener("hashchange", () => setTimeout(resolve), { once: true }));
    location.hash = "ask";
    await shown;
  }
  await submit(question, { focus: true });
}

/** Forget what is on the page. */
export function beginAgain() {
  running?.abort();
  conversationId = "";
  byId("turns").replaceChildren();
  wrong("");
  asked(false);
  document.title = "Citewell";
}

export const isOpen = (id) => id === conversationId;

/** Show an earlier conversation. */
export async function reopen(id) {
  if (isOpen(id)) return;
  beginAgain();
  try {
    const [conversation, listed] = await Promise.all([get(`/v1/conversations/${encodeURIComponent(id)}`), once("/v1/documents")]);
    documents = listed;
    conversationId = conversation.id;
    byId("turns").replaceChildren(...conversation.turns.map(({ answer }) => finished(begun(answer.question), answer)));
    asked(true);
    document.title = `${conversation.title} – Citewell`;
    byId("turns").lastElementChild?.scrollIntoView({ block: "start" });
  } catch (error) {
    wrong(error.message);
  }
}

async function submit(question, { focus = false, name = newName() } = {}) {
  wrong("");
  if (!question) return wrong("Enter a question");
  const field = byId("question");
  const turn = begun(question);
  const step = turn.querySelector(".step");
  const controller = new AbortController();
  running = controller;
  busy(true);
  byId("turns").append(turn);
  asked(true);
  field.value = "";
  document.title = `${question.slice(0, 80)} – Citewell`;
  turn.scrollIntoView({ block: "start" });
  const scrolled = window.scrollY;
  if (focus) turn.querySelector("h2").focus({ preventScroll: true });
  tell("Searching the documents");
  try {
    const said = [];
    const answer = await ask({
      question, conversationId, name, signal: controller.signal,
      heard: (event, data) => {
        if (event === "status" && STEPS[data.step]) step.textContent = STEPS[data.step];
        if (event === "sentence") {
          said.push(make("p", {}, data.text));
          turn.querySelector(".answer").replaceChildren(make("div", { class: "said" }, said));
        }
      },
    });
    conversationId = answer.conversation_id;
    history.replaceState(null, "", `#conversation/${conversationId}`);
    await once("/v1/documents").then((listed) => { documents = listed; }, () => {});
    finished(turn, answer);
    if (window.scrollY === scrolled) turn.scrollIntoView({ block: "start" }); // there is room for it only now
    tell(spoken(answer));
  } catch (error) {
    failed(turn, question, error, name);
  } finally {
    if (running === controller) { running = null; busy(false); }
  }
}

function begun(question) {
  return make("li", { class: "turn" },
    make("h2", { class: "question", tabindex: -1 }, make("span", { class: "unseen" }, "You asked: "), question),
    make("div", { class: "answer" }, make("p", { class: "step busy" }, "Searching the documents")));
}

function finished(turn, answer) {
  const newer = (id) => (documents.find((one) => one.id === id)?.superseded_by ?? [])
    .map((name) => documents.find((one) => one.id === name)).filter(Boolean);
  turn.dataset.status = answer.status;
  if (answer.standalone_question !== answer.question && answer.citations.length) {
    turn.querySelector("h2").after(make("p", { class: "understood" }, "Understood as: ", answer.standalone_question));
  }
  turn.querySelector(".answer").replaceChildren(...shown(answer, { newer, again: askNow }), ...tools(answer));
  return turn;
}

function failed(turn, question, error, name) {
  const field = byId("question");
  const stopped = error.name === "AbortError";
  if (stopped || error.status === 422) { // nothing to keep: the question goes back into the field
    if (!field.value) field.value = question;
    turn.remove();
    asked(byId("turns").childElementCount > 0);
    wrong(stopped ? "" : error.message);
    field.focus();
    if (stopped) tell("Stopped");
    return;
  }
  const again = () => { turn.remove(); submit(question, { focus: true, name }); };
  const gone = error.status === 404 && conversationId;
  turn.dataset.status = "error";
  turn.querySelector(".answer").replaceChildren(
    make("p", { class: "problem", role: "alert" }, error.message),
    error.reference ? make("p", { class: "quietly" }, `If you report this, give the reference ${error.reference}.`) : "",
    gone
      ? make("button", { type: "button", click: () => { beginAgain(); again(); } }, "Ask it in a new conversation")
      : make("button", { type: "button", click: again }, "Try again"));
}

function wrong(text) {
  const [problem, field] = [byId("problem"), byId("question")];
  problem.textContent = text;
  problem.hidden = !text;
  for (const [name, value] of [["aria-invalid", "true"], ["aria-describedby", "problem"]]) {
    if (text) field.setAttribute(name, value);
    else field.removeAttribute(name);
  }
  if (text) field.focus();
}

function busy(is) {
  byId("send").textContent = is ? "Stop" : "Ask";
  byId("turns").setAttribute("aria-busy", String(is));
}

function asked(is) {
  byId("ask").classList.toggle("asked", is);
  byId("welcome").hidden = is;
  byId("welcome-more").hidden = is;
  byId("begin-again").hidden = !is;
  document.querySelector('label[for="question"]').textContent = is ? "Ask a follow-up question" : "Your question";
}
