// Open a document beside the answer, with the quotation highlighted.

import { byId, make } from "./dom.js";
import { page } from "./service.js";

let opening = null;

/** Let every link to a place in a document open here; with Ctrl, Shift or another button it opens as links do. */
export function readHere() {
  const sheet = byId("sheet");
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-reads]");
    const plainly = !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey && event.button === 0;
    if (!link || !plainly) return;
    event.preventDefault();
    open(link.getAttribute("href"), link.dataset.locator ?? "");
  });
  byId("sheet-close").addEventListener("click", () => sheet.close());
  sheet.addEventListener("click", (event) => { if (event.target === sheet) sheet.close(); });
  sheet.addEventListener("close", () => opening?.abort());
}

async function open(href, locator) {
  const [sheet, inside, whole] = [byId("sheet"), byId("sheet-inside"), byId("sheet-whole")];
  opening?.abort();
  opening = new AbortController();
  whole.setAttribute("href", href);
  fill("Document", [], make("p", { class: "step busy" }, "Opening the document"));
  if (!sheet.open) sheet.showModal();
  try {
    const read = await page(href, opening.signal);
    const part = (id) => document.importNode(read.getElementById(id), true);
    const about = part("document-about");
    if (locator) about.append(make("div", {}, make("dt", {}, "Place"), make("dd", {}, locator)));
    fill(part("document-title").textContent, about, part("document-text"));
  } catch (error) {
    if (error.name !== "AbortError") fill("Document", [], make("p", { class: "problem", role: "alert" }, error.message));
    return;
  }
  const anchor = new URL(href, location.origin).hash.slice(1);
  const to = byIdIn(inside, "quoted") ?? (anchor ? byIdIn(inside, anchor) : null);
  inside.scrollTop = 0;
  to?.scrollIntoView({ block: "center" });
  inside.focus({ preventScroll: true });
}

function fill(title, about, text) {
  byId("sheet-inside").querySelector(".head").replaceChildren(make("h2", { id: "sheet-title" }, title), ...[about].flat());
  byId("sheet-text").replaceChildren(text);
}

const byIdIn = (element, id) => element.querySelector(`[id="${CSS.escape(id)}"]`);
