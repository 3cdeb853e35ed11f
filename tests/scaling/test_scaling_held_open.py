"""The stories of transactions that are held open, at serializable, ours and the one that is held alike."""

import pytest

from tests.proofs.test_held_open import (
    stand,
    test_a_birth_decided_before_another_life,
    test_a_create_follows_a_create_that_is_taken_back,
    test_a_create_sees_the_row_until_its_delete_is_committed,
    test_a_create_waits_for_a_create,
    test_a_delete_does_not_see_a_create_before_its_commit,
    test_a_delete_of_a_row_that_is_being_changed,
    test_a_delete_of_the_stores_own_held_open,
    test_a_delete_that_is_taken_back_leaves_the_row_to_the_replace,
    test_a_replace_decided_before_a_delete_and_a_birth,
    test_a_replace_waits_for_a_delete_and_is_born_above_it,
)
from tests.scaling.programs import with_parameters

pytestmark = pytest.mark.postgres

__all__ = [
    "stand",
    "test_a_birth_decided_before_another_life",
    "test_a_create_follows_a_create_that_is_taken_back",
    "test_a_create_sees_the_row_until_its_delete_is_committed",
    "test_a_create_waits_for_a_create",
    "test_a_delete_does_not_see_a_create_before_its_commit",
    "test_a_delete_of_a_row_that_is_being_changed",
    "test_a_delete_of_the_stores_own_held_open",
    "test_a_delete_that_is_taken_back_leaves_the_row_to_the_replace",
    "test_a_replace_decided_before_a_delete_and_a_birth",
    "test_a_replace_waits_for_a_delete_and_is_born_above_it",
]


@pytest.fixture
def postgres_url(postgres_url: str) -> str:
    return with_parameters(postgres_url, default_transaction_isolation="serializable")


@pytest.fixture
def database_url(postgres_url: str) -> str:
    return postgres_url
