"""Hypothesis strategies: documents and questions nobody would write, and some that people do."""

from hypothesis import strategies as st

WORDS = st.sampled_from(
    "The board of Kent has 42 networks and 1,368 practices since 1 July 2022 Dr. Ann Lee chairs it e.g. £3.6bn was "
    "spent (PCN) naïve Zürich 漢字 🙂 non-exec § 6.3.2 100% Who When many NHS ICB’s “quoted” a|b *bold* _it_ `code` "
    "[link](list.md) <b> & \\| Wolverhamptonshirewide".split()
)
LINE = st.lists(WORDS, min_size=1, max_size=25).map(" ".join)
SENTENCE = LINE.flatmap(lambda line: st.sampled_from([".", "?", "!", ":", ""]).map(lambda end: line + end))
PARAGRAPH = st.lists(SENTENCE, min_size=1, max_size=12).map(" ".join)
LONG_LINE = st.integers(100, 700).flatmap(lambda size: WORDS.map(lambda word: " ".join([word] * size)))
ANY_TEXT = st.text(st.characters(codec="utf-8"), max_size=200)

HEADING = st.tuples(st.integers(1, 6), LINE).map(lambda pair: "#" * pair[0] + " " + pair[1])
LIST = st.tuples(st.sampled_from(["- ", "* ", "1. ", "  - "]), st.lists(SENTENCE, min_size=1, max_size=12)).map(
    lambda pair: "\n".join(pair[0] + item for item in pair[1])
)
TABLE = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(LINE, min_size=width, max_size=width), min_size=2, max_size=12).map(
        lambda rows: "\n".join(
            ["| " + " | ".join(rows[0]) + " |", "|---" * width + "|"]
            + ["| " + " | ".join(row) + " |" for row in rows[1:]]
        )
    )
)
QUOTE = SENTENCE.map(lambda line: "> " + line)
CODE = LINE.map(lambda line: f"```\n{line}\n```")
BULLETS = st.lists(SENTENCE, min_size=1, max_size=6).map(lambda items: "\n".join("• " + item for item in items))
NUMBERED_HEADING = st.tuples(st.integers(1, 20), st.integers(0, 9), LINE).map(lambda p: f"{p[0]}.{p[1]} {p[2].title()}")


def _document(blocks: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    line_ends = st.sampled_from(["\n", "\n", "\r\n", "\r"])
    gaps = st.sampled_from(["\n\n", "\n\n", "\n", "\n\n\n\n", "\n \n", "\f"])
    parts = st.lists(st.tuples(blocks, gaps), min_size=1, max_size=10)
    joined = parts.map(lambda pairs: "".join(block + gap for block, gap in pairs))
    return st.tuples(joined, line_ends).map(lambda pair: pair[0].replace("\n", pair[1]))


MARKDOWN = _document(st.one_of(HEADING, PARAGRAPH, LIST, TABLE, QUOTE, CODE, LONG_LINE, ANY_TEXT))
PLAIN = _document(st.one_of(NUMBERED_HEADING, LINE, PARAGRAPH, BULLETS, LIST, LONG_LINE, ANY_TEXT))
# A lone number is taken for a page number, one in front for that of an item, a line that recurs for a running header.
PARAGRAPHS = st.lists(PARAGRAPH.filter(lambda text: text[0].isalpha()), min_size=1, max_size=8, unique=True).map(
    "\n\n".join
)
QUESTIONS = st.one_of(
    SENTENCE,
    LINE.map(lambda line: f"How many {line} are there, and was it always so?"),
    LINE.map(lambda line: f"Who is {line}?"),
    LINE.map(lambda line: f"What are the {line}?"),
    ANY_TEXT,
    st.just(""),
    st.just("?" * 3000),
)
