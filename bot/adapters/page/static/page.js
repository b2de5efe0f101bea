// The page, with JavaScript: without it, the form and the links do the same, a page at a time.

import { byId } from "./dom.js";
import { converse, reopen } from "./conversation.js";
import { readHere } from "./sheet.js";
import { show, welcome } from "./views.js";

const VIEWS = ["ask", "start", "glossary", "documents", "history"];
const CONVERSATION = /^conversation\/(.+)$/;

/** Show the view that the address names. */
function follow({ focus = true } = {}) {
  const named = location.hash.slice(1);
  const conversation = CONVERSATION.exec(named)?.[1];
  const view = conversation ? "ask" : named || "ask";
  if (!VIEWS.includes(view)) return;
  for (const one of VIEWS) byId(one).hidden = one !== view;
  for (const link of document.querySelectorAll("#pages a")) {
    if (link.hash === `#${view}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (conversation) reopen(decodeURIComponent(conversation));
  else if (view !== "ask") {
    document.title = `${byId(`${view}-title`).textContent} – Citewell`;
    show(view);
  }
  if (focus) {
    window.scrollTo(0, 0);
    byId(`${view}-title`).focus({ preventScroll: true });
  }
}

byId("pages").hidden = false;
readHere();
converse();
window.addEventListener("hashchange", () => follow());
if (location.hash) follow({ focus: false });
else if (matchMedia("(hover: hover)").matches) byId("question").focus({ preventScroll: true }); // elsewhere a keyboard would cover the page
welcome().catch(() => {}); // nothing is missing without it
