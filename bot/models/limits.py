"""How much a chat model may take, and what it costs."""

from dataclasses import dataclass

from ingest.errors import SettingsError

PIECE = 4  # characters of English a token, about; taken where a server doesn't count
MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds and tokens for one answer; tokens for a day, for all and for one person. 0 tokens a day is no limit."""

    seconds: float = 20.0
    answer_tokens: int = 8000
    day_tokens: int = 0
    user_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Prices:
    """What a million tokens cost, read and written."""

    prompt: float = 0.0
    completion: float = 0.0

    @classmethod
    def read(cls, setting: str) -> "Prices":
        """Read `0.15,0.60`; nothing is free. Raises `SettingsError`.

        >>> Prices.read("0.15, 0.60").cost(1_000_000, 500_000)
        0.45
        """
        if not setting.strip():
            return cls()
        try:
            prompt, completion = map(float, setting.split(","))
        except ValueError:
            raise SettingsError(
                f"CITEWELL_MODEL_PRICES is '{setting}'. Give the price of a million tokens read and written: 0.15,0.60"
            ) from None
        return cls(prompt, completion)

    def cost(self, prompt_tokens: int, completion_tokens: int) -> float:
        """What so many tokens cost."""
        return round((prompt_tokens * self.prompt + completion_tokens * self.completion) / MILLION, 8)


def tokens_in(text: str) -> int:
    """About how many tokens a text has.

    >>> tokens_in("How many networks are there?")
    7
    """
    return len(text) // PIECE
