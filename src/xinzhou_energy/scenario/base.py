"""What every block of a scenario shares: frozen, unknown keys refused, names in both languages."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, Strict, model_validator

Whole = Annotated[int, Strict()]
Flag = Annotated[bool, Strict()]
Words = Annotated[str, Strict(), Field(min_length=1, max_length=400)]
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,60}$")]


class Block(BaseModel):
    """Base of all blocks: frozen, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _null_is_not_given(cls, document: object) -> object:
        """Drop known keys that are null; an unknown one stays, to be refused."""
        if not isinstance(document, dict):
            return document
        return {key: value for key, value in document.items() if value is not None or key not in cls.model_fields}


class Bilingual(Block):
    """A text in both languages."""

    zh: Words = Field(description="中文 / Chinese")
    en: Words = Field(description="英文 / English")
