"""What the bot says for itself, where nothing is asked of the documents."""

from bot.answer.draft import Draft
from bot.intents import Kind

REPLIES: dict[Kind, str] = {
    "greeting": "Hello. Ask me a question, and I look for the answer in the documents.",
    "thanks": "You're welcome. Ask me the next question when you like.",
    "goodbye": "Goodbye. I am here when you have another question.",
    "about_the_bot": (
        "I am a program that answers questions from the documents it was given. I quote the place for each sentence, "
        "and I say so when the documents don't tell."
    ),
    "steering": (
        "I only answer questions from the documents, in their words and with the place of each quotation. "
        "I don't take other instructions."
    ),
    "medical": "I can't give medical advice. Please ask a doctor, a nurse or a pharmacist.",
}
REFUSED: frozenset[Kind] = frozenset(("steering", "medical"))


def reply_to(kind: Kind) -> Draft:
    """The reply to a message that is no question to the documents."""
    return Draft("refused" if kind in REFUSED else "answered", reply=REPLIES[kind])
