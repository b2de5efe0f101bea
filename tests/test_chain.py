"""The chain is a LangChain Runnable: invoked, batched, streamed and traced with LangChain's own tools."""

from typing import Any

from langchain_core.callbacks import BaseCallbackHandler

from bot.assemble import Bot

QUESTION = "How many primary care networks are there, and was it always so?"


class Links(BaseCallbackHandler):
    """Notes the name of each link that begins."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def on_chain_start(self, *_: Any, name: str | None = None, **__: Any) -> None:
        self.names.append(name or "")


def test_a_traced_answer_is_the_same_and_each_step_is_a_link(bot: Bot) -> None:
    links = Links()
    traced = bot.chain.invoke({"question": QUESTION}, config={"callbacks": [links]})
    assert traced.text == bot.ask(QUESTION).text
    assert [name for name in links.names if name in ("understand", "retrieve", "answer", "verify")] == [
        "understand",
        "retrieve",
        "answer",
        "verify",
    ]


def test_questions_can_be_asked_in_a_batch_and_streamed(bot: Bot) -> None:
    answers = bot.chain.batch([{"question": QUESTION}, {"question": "hello"}])
    assert [answer.text for answer in answers] == [bot.ask(QUESTION).text, bot.ask("hello").text]
    assert [answer.text for answer in bot.chain.stream({"question": QUESTION})] == [answers[0].text]
