"""The words for what a write did (contract, sections 4 and 6)."""

from diptych.semantics.outcome import Effect


def test_effects_are_the_contracts() -> None:
    assert [effect.value for effect in Effect] == ["created", "replaced", "patched", "unchanged"]
    assert [effect.name for effect in Effect] == ["CREATED", "REPLACED", "PATCHED", "UNCHANGED"]
