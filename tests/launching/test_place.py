"""Where a process stands among the others, as its environment says."""

import pytest

from keisei_core.errors import DistributionError
from keisei_core.launching import Place

BY_HAND = {"RANK": "1", "WORLD_SIZE": "2", "MASTER_ADDR": "10.0.0.1", "MASTER_PORT": "29500"}


def test_place_without_a_launcher_is_none():
    assert Place.from_environment({"MASTER_ADDR": "somebody else's"}) is None


def test_place_by_hand_is_one_process_of_its_machine():
    place = Place.from_environment(BY_HAND)

    assert (place.rank, place.world_size, place.endpoint) == (1, 2, "10.0.0.1:29500")
    assert (place.local_rank, place.local_world_size, place.attempt, place.has_store) == (0, 1, 0, False)


@pytest.mark.parametrize("name", ["MASTER_ADDR", "MASTER_PORT"])
def test_place_with_a_variable_missing_names_it(name):
    environment = {key: value for key, value in BY_HAND.items() if key != name}

    with pytest.raises(DistributionError, match=f"a launcher must set {name} too; unset RANK"):
        Place.from_environment(environment)


def test_place_with_a_rank_that_is_no_number_names_it():
    with pytest.raises(DistributionError, match="RANK must be a whole number, got 'one'"):
        Place.from_environment(BY_HAND | {"RANK": "one"})


@pytest.mark.parametrize("world_size", ["0", "1"])
def test_place_beyond_the_last_of_its_group_is_refused(world_size):
    with pytest.raises(DistributionError, match=f"below WORLD_SIZE, got RANK=1 and WORLD_SIZE={world_size}; look at"):
        Place.from_environment(BY_HAND | {"WORLD_SIZE": world_size})


@pytest.mark.parametrize("has_store", [True, False])
def test_place_reads_back_from_the_environment_that_it_gives(has_store):
    place = Place(
        rank=3, world_size=8, local_rank=1, local_world_size=2, address="node", port=7, attempt=4, has_store=has_store
    )

    assert Place.from_environment(place.to_environment()) == place
