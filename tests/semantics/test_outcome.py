"""The words for what a write did (contract, sections 4 and 6), and what an outcome says where nothing else was said."""

from diptych.semantics.outcome import Effect, Page, ReferenceConflict, Unauthenticated, Written
from diptych.semantics.row import Row
from diptych.semantics.version import Version

ROW = Row(7, Version(1), {"title": "now"})


def test_effects_are_the_contracts() -> None:
    assert [effect.value for effect in Effect] == ["created", "replaced", "patched", "unchanged"]
    assert [effect.name for effect in Effect] == ["CREATED", "REPLACED", "PATCHED", "UNCHANGED"]


def test_what_was_written_is_shown_unless_a_policy_hides_it() -> None:
    assert Written(ROW, Effect.CREATED).shown is True


def test_a_refusal_without_more_words() -> None:
    assert Unauthenticated().challenge == "Bearer"
    assert ReferenceConflict("Note", ("ownerId",)).still_referred is False


def test_a_page_is_ordered_by_key_and_not_counted_unless_that_was_asked() -> None:
    page = Page((ROW,), has_next=False, has_previous=True)
    assert (page.order, page.total) == ((), None)
    assert page.cursor(ROW) == "WyJrMSIsN10", "base64 of a format and the key"
