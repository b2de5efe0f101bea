"""What a sentence holds of the kind that is asked for."""

import pytest

from bot.answer.kinds import holds
from bot.understand import understand


def is_name(word: str) -> bool:
    return word not in {"Council", "Board", "Chair", "Director", "Health", "The", "Harbour", "Adults"}


@pytest.mark.parametrize(
    ("question", "text", "held"),
    [
        ("Who is the chair of the council?", "The Chair Ann Lee opened the meeting.", True),
        ("Who is the chair of the council?", "The council has a chair.", False),
        (
            "Who is the director at the council?",
            "Members come from Harland Council and the Harland Adults Board.",
            False,
        ),
        ("What's the name of its chief executive?", "The board has a chief executive.", False),
        ("How much money does the council have?", "The council serves 1.8 million people.", False),
        ("How much money does the council have?", "The council has 1.8 million for repairs.", True),
        ("How much money does the council have?", "The council has £3.6bn.", True),
    ],
)
def test_what_is_asked_for_is_held_or_not(question: str, text: str, held: bool) -> None:
    assert holds(understand(question), text, is_name) is held
