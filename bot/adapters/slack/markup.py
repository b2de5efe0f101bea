"""Text to and from Slack: what people typed made readable, what documents say made harmless, long text cut."""

import re
from collections.abc import Callable, Iterator

ENTITY = re.compile(r"<([^<>|]+)(?:\|([^<>]*))?>")
FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
SENTENCE_END = re.compile(r"[.!?\]] (?!\[)")
TABLE_LINES = 2  # a header and the line below it, which every part of a table needs
CUT = " …"


def readable(text: str, *, me: str, name_of: Callable[[str], str] = lambda user: user) -> str:
    """What somebody typed, as a person would read it; only the mention of `me` is taken out.

    >>> readable("<@U0> what does <#C1|general> say about <https://a.example|the R&amp;D plan>?", me="U0")
    'what does #general say about the R&D plan?'
    >>> readable("is <@U2> in &lt;b&gt;?", me="U0", name_of={"U2": "Ann"}.__getitem__)
    'is @Ann in <b>?'
    """

    def said(match: re.Match[str]) -> str:
        target, label = match[1], match[2] or ""
        match target[0]:
            case "@":
                return "" if target[1:] == me else f"@{label or name_of(target[1:])}"
            case "#":
                return f"#{label or target[1:]}"
            case "!":
                return label or f"@{target[1:].partition('^')[0]}"
            case _:
                return label or target.removeprefix("mailto:")

    plain = ENTITY.sub(said, text).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return re.sub(r"[ \t]{2,}", " ", plain).strip()


def mentioned(text: str) -> frozenset[str]:
    """The ids of the people a message mentions.

    >>> sorted(mentioned("<@U1> and <@U2|ann>, not @U3"))
    ['U1', 'U2']
    """
    return frozenset(match[1][1:] for match in ENTITY.finditer(text) if match[1].startswith("@"))


def harmless(text: str) -> str:
    """Escape what Slack would act upon, in mrkdwn as in Markdown: `<!here>` and `<@U1>` notify people otherwise.

    >>> harmless("<!here> R&D")
    '&lt;!here&gt; R&amp;D'
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def harmless_markdown(text: str) -> str:
    """As `harmless`, and links and pictures that a document's text may hold show their address instead of hiding it.

    >>> harmless_markdown("[1] see [here](https://a.example)")
    '[1] see [here] (https://a.example)'
    """
    return harmless(re.sub(r"\](?=[(\[:])(?!\[\d+\])", "] ", text).replace("![", "! ["))


def cut(text: str, limit: int) -> str:
    """Shorten a text at a word, with a mark that shows it.

    >>> cut("forty two networks", 13)
    'forty two …'
    """
    if len(text) <= limit:
        return text
    head = text[: limit - len(CUT)]
    return (head.rsplit(None, 1)[0] if " " in head.strip() else head) + CUT


def parts_of(markdown: str, limit: int) -> list[str]:
    """Cut long Markdown into parts of at most `limit` characters that each stand on their own.

    Cuts fall between paragraphs; a table that must be cut has its header in each part, a fence its opening and end.
    """
    parts: list[str] = []
    for piece in (part for block in _blocks(markdown) for part in _fitting(block, limit)):
        if parts and len(parts[-1]) + len(piece) + 2 <= limit:
            parts[-1] = f"{parts[-1]}\n\n{piece}"
        else:
            parts.append(piece)
    return parts


def _blocks(markdown: str) -> Iterator[str]:
    """Paragraphs, lists, tables and fences, in order."""
    lines: list[str] = []
    fence = ""
    for line in markdown.split("\n"):
        mark = FENCE.match(line)
        if fence:
            lines.append(line)
            if mark and mark[1].startswith(fence) and not line.strip().strip(fence[0]):
                yield "\n".join(lines)
                lines, fence = [], ""
            continue
        if mark:
            if lines:
                yield "\n".join(lines)
            lines, fence = [line], mark[1]
        elif line.strip():
            lines.append(line)
        elif lines:
            yield "\n".join(lines)
            lines = []
    if lines:
        yield "\n".join([*lines, fence] if fence else lines)


def _fitting(block: str, limit: int) -> Iterator[str]:
    if len(block) <= limit:
        yield block
        return
    lines = block.split("\n")
    mark = FENCE.match(block)
    if mark:
        yield from _by_lines(lines[1:-1], limit, before=lines[0], after=mark[1])
    elif lines[0].lstrip().startswith("|") and len(lines) > TABLE_LINES:
        yield from _by_lines(lines[TABLE_LINES:], limit, before="\n".join(lines[:TABLE_LINES]))
    else:
        yield from _by_lines(lines, limit)


def _by_lines(lines: list[str], limit: int, *, before: str = "", after: str = "") -> Iterator[str]:
    if len(before) + len(after) + 2 >= limit // 2:  # a frame that leaves no room is text like any other
        lines, before, after = [*before.split("\n"), *lines, *after.split("\n")], "", ""
    room = limit - len(before) - len(after) - 2
    held: list[str] = []
    for line in (piece for whole in lines for piece in _pieces(whole, room)):
        if held and sum(map(len, held)) + len(held) + len(line) > room:
            yield "\n".join(filter(None, [before, *held, after]))
            held = []
        held.append(line)
    if held:
        yield "\n".join(filter(None, [before, *held, after]))


def _pieces(line: str, room: int) -> Iterator[str]:
    """A line that is too long, cut after a sentence with its marks, or else between words."""
    while len(line) > room:
        ends = [match.end() for match in SENTENCE_END.finditer(line, room // 2, room)]
        at = ends[-1] if ends else line.rfind(" ", room // 2, room)
        if at < 0:
            entity = line.rfind("&", room - 4, room)  # `&amp;` is not cut
            at = entity if entity > 0 else room
        yield line[:at].rstrip()
        line = line[at:].lstrip()
    yield line
