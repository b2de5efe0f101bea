// What can be done with an answer: say whether it helped and why, copy it, print it.

import { icon, make, tell } from "./dom.js";
import { plain } from "./answer.js";
import { post, remove } from "./service.js";

const WHY_NOT = [
  "It is wrong",
  "It is out of date",
  "It does not answer my question",
  "The source does not say that",
];
const LONGEST = 1900; // characters of a comment; with the choice in front of it, less than the service takes

/** The row of buttons below an answer. */
export function tools(answer) {
  const why = make("div", {});
  const votes = {};
  const press = (rating) => vote(answer, rating, votes, why);
  votes.up = make("button", { type: "button", class: "quiet", "aria-pressed": "false", click: () => press("up") }, icon("up"), "Helpful");
  votes.down = make("button", { type: "button", class: "quiet", "aria-pressed": "false", click: () => press("down") }, icon("down"), "Not helpful");
  const row = make("div", { class: "tools" }, votes.up, votes.down,
    make("button", { type: "button", class: "quiet apart", click: (event) => copy(event.currentTarget, answer) }, icon("copy"), make("span", {}, "Copy with sources")),
    make("button", { type: "button", class: "quiet", click: () => window.print() }, icon("print"), "Print"));
  return [row, why];
}

async function vote(answer, rating, votes, why) {
  const withdrawn = votes[rating].getAttribute("aria-pressed") === "true";
  try {
    if (withdrawn) await remove(path(answer));
    else await post(path(answer), { rating });
  } catch (error) {
    why.replaceChildren(make("p", { class: "problem", role: "alert" }, error.message));
    return;
  }
  for (const [name, button] of Object.entries(votes)) button.setAttribute("aria-pressed", String(!withdrawn && name === rating));
  why.replaceChildren();
  if (withdrawn) return tell("Taken back");
  tell("Thank you");
  why.append(rating === "down" ? reasons(answer, why) : comment(answer, rating, why));
}

const path = (answer) => `/v1/answers/${encodeURIComponent(answer.answer_id)}/feedback`;

function reasons(answer, why) {
  const choices = WHY_NOT.map((text) =>
    make("label", { class: "choice" }, make("input", { type: "radio", name: `why-${answer.answer_id}`, value: text }), text));
  return form(answer, "down", why, make("fieldset", {}, make("legend", {}, "What was not right?"), choices), "Anything else? (optional)");
}

const comment = (answer, rating, why) => form(answer, rating, why, null, "What was good about it? (optional)");

function form(answer, rating, why, choices, question) {
  const id = `comment-${answer.answer_id}`;
  const made = make("form", { class: "why fields", submit: (event) => { event.preventDefault(); send(); } },
    choices,
    make("label", { for: id }, question),
    make("textarea", { id, name: "comment", rows: 2, maxlength: LONGEST }),
    make("div", { class: "buttons" },
      make("button", { class: "main" }, "Send"),
      make("button", { type: "button", click: () => why.replaceChildren() }, "No, thanks")));
  const send = async () => {
    const chosen = made.querySelector("input:checked");
    const words = made.querySelector("textarea").value.trim();
    const reason = [chosen?.value, words].filter(Boolean).join(": ");
    try {
      if (reason) await post(path(answer), { rating, reason });
      why.replaceChildren(make("p", { class: "quietly", tabindex: -1 }, "Thank you. The people who look after the documents can see this."));
      why.firstChild.focus();
    } catch (error) {
      why.prepend(make("p", { class: "problem", role: "alert" }, error.message));
    }
  };
  return made;
}

async function copy(button, answer) {
  const text = plain(answer);
  const done = navigator.clipboard ? await navigator.clipboard.writeText(text).then(() => true, () => false) : copyOldWay(text);
  const words = done ? "Copied" : "Copying was not allowed";
  const label = button.querySelector("span");
  label.textContent = words;
  tell(words);
  setTimeout(() => { label.textContent = "Copy with sources"; }, 3000);
}

/** Over plain HTTP browsers have no clipboard but this. */
function copyOldWay(text) {
  const area = make("textarea", { class: "unseen", readonly: true, tabindex: -1 });
  area.value = text;
  const focused = document.activeElement;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  focused?.focus();
  return done;
}
