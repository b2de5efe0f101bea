"""Take out of a web page what is not its content: scripts, hidden text, navigation, notices about cookies."""

import re
from typing import NamedTuple

from lxml import etree

Element = etree._Element
NEVER_CONTENT = (
    "script", "style", "template", "noscript", "head", "iframe", "object", "embed", "svg", "math", "canvas", "audio",
    "video", "map", "nav", "button", "select", "input", "textarea", "datalist", "dialog", "frameset",
)  # fmt: skip
NEVER_CLUTTER = frozenset("html body main article h1 h2 h3 h4 h5 h6 tr td th tbody thead caption".split())
ROLES = frozenset({"navigation", "banner", "contentinfo", "search", "dialog", "alertdialog", "menu", "menubar"})
NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
HIDDEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d]*[1-9])|opacity\s*:\s*0(?![.\d]*[1-9])"
)
# Words of the names that authors give to parts of pages.
CLUTTER = re.compile(
    r"(?:^|[-_\s])(?:cookies?|consent|gdpr|breadcrumbs?|nav|navbar|navigation|nav-?panel|menu|sidebar-?nav|sphinxsidebar|"
    r"skip-?(?:to-?content|nav|links?)|share|social|site-?(?:footer|header)|page-?footer|pagination|advert(?:isement)?s?|"
    r"newsletter|headerlink|toc|table-of-contents|contents-?list|related-?(?:links|posts))(?:$|[-_\s])",
    re.IGNORECASE,
)
COOKIE = re.compile(r"\bcookies?\b", re.IGNORECASE)
CONSENT = re.compile(r"\b(?:accept|consent|agree|preferences|we use|uses) ", re.IGNORECASE)
LONGEST_NOTICE = 800  # characters of a notice about cookies; a policy about them is longer
MOSTLY_LINKS = 0.6  # share of the letters of a short block; "Next: … Up: … Contents" has more, a sentence fewer
LONGEST_LINKS = 400  # characters


def without_clutter(root: Element) -> Element:
    """Remove what is not content from a page and return the element that holds the rest."""
    for one in list(root.iter(*NEVER_CONTENT)):
        _remove(one)
    for one in [one for one in root.iter("*") if _is_hidden(one)]:
        _remove(one)
    main = [one for one in root.iter("*") if one.tag == "main" or one.get("role") == "main"]
    content = main[0] if len(main) == 1 and text_in(main[0]).strip() else root
    weights = _weights(content)
    for one in [one for one in content.iter("*") if one is not content and _is_clutter(one, weights, content)]:
        _remove(one)
    return content


class _Weight(NamedTuple):
    """How much text an element holds, all in all: characters, letters, and letters in links."""

    characters: int
    letters: int
    linked: int


def _weights(root: Element) -> dict[Element, _Weight]:
    """Weigh all elements in one pass, since pages nest deeply."""
    weights: dict[Element, _Weight] = {}
    for _, one in etree.iterwalk(root, events=("end",)):
        text = one.text or ""
        characters, letters, linked = len(text), sum(map(str.isalnum, text)), 0
        for child in one.iterchildren("*"):
            inner, tail = weights[child], child.tail or ""
            characters += inner.characters + len(tail)
            letters += inner.letters + sum(map(str.isalnum, tail))
            linked += inner.linked
        weights[one] = _Weight(characters, letters, letters if one.tag == "a" else linked)
    return weights


def text_in(element: Element) -> str:
    """All text of an element."""
    return "".join(str(text) for text in element.itertext())


def _remove(element: Element) -> None:
    """Take an element out, and leave the text after it."""
    parent = element.getparent()
    if parent is None:
        return
    tail = NOT_XML.sub("", element.tail or "")  # which the parser lets through, and lxml doesn't take back
    before = element.getprevious()
    if before is not None:
        before.tail = NOT_XML.sub("", before.tail or "") + tail
    else:
        parent.text = NOT_XML.sub("", parent.text or "") + tail
    element.tail = None
    parent.remove(element)


def _is_hidden(element: Element) -> bool:
    if element.get("hidden") is not None or str(element.get("aria-hidden")).lower() == "true":
        return True
    style = element.get("style")
    return style is not None and HIDDEN_STYLE.search(str(style).lower()) is not None


def _is_clutter(element: Element, weights: dict[Element, _Weight], content: Element) -> bool:
    if element.tag in NEVER_CLUTTER or element.get("role") == "main":
        return False
    weight = weights[element]
    if _is_cookie_notice(element, weight) or _is_navigation(element, weight):
        return True
    if weight.letters > weights[content].letters / 2:  # a wrapper of the page that is named after its menu
        return False
    if element.get("role") in ROLES or (element.tag in ("header", "footer") and _of_the_page(element)):
        return True
    return CLUTTER.search(f"{element.get('id') or ''} {element.get('class') or ''}") is not None


def _of_the_page(element: Element) -> bool:
    """Whether a header or footer belongs to the page, and not to an article in it, nor holds the page's title."""
    if any(parent.tag in ("article", "section", "main", "blockquote") for parent in element.iterancestors()):
        return False
    return element.tag == "footer" or next(element.iter("h1"), None) is None


def _is_cookie_notice(element: Element, weight: _Weight) -> bool:
    if element.tag not in ("div", "section", "aside", "form") or not 0 < weight.characters <= LONGEST_NOTICE:
        return False
    text = text_in(element)
    return COOKIE.search(text) is not None and CONSENT.search(text) is not None


def _is_navigation(element: Element, weight: _Weight) -> bool:
    """Whether a short block is mostly links (next, up, contents), or a list is all links within the page."""
    if element.tag in ("ul", "ol", "dl"):
        links = list(element.iter("a")) if weight.linked > weight.letters * 0.9 else []
        return len(links) > 2 and all(str(link.get("href") or "").startswith("#") for link in links)
    if element.tag not in ("div", "p", "table", "center", "header", "footer", "aside"):
        return False
    if weight.characters > LONGEST_LINKS or weight.linked <= weight.letters * MOSTLY_LINKS:
        return False
    count = sum(1 for _ in element.iter("a"))
    return count > 2 or (count == 2 and weight.linked == weight.letters)
