"""Dimensions: one name in queries and in sealed days."""

from __future__ import annotations

import pytest

from shared.events.dimensions import DIMENSIONS, Dimension
from shared.models import Event


@pytest.mark.parametrize("name", DIMENSIONS)
def test_a_dimension_is_read_from_a_column_of_events(name: str) -> None:
    dimension = Dimension.parse(name)
    assert (dimension.stored_name, dimension.property_key) == (name, None)
    assert dimension.column in Event.__table__.columns
    assert dimension.column in dimension.sql


@pytest.mark.parametrize("name", ["plan", "properties.plan"])
def test_a_custom_property_has_one_stored_name_with_or_without_the_prefix(name: str) -> None:
    dimension = Dimension.parse(name)
    assert dimension == Dimension.of_property("plan")
    assert (dimension.stored_name, dimension.column) == ("properties.plan", "properties")


@pytest.mark.parametrize("key", ["country", "properties.plan", "properties.", 'ü "quoted"'])
def test_a_stored_name_leads_back_to_its_property(key: str) -> None:
    dimension = Dimension.of_property(key)
    assert Dimension.parse(dimension.stored_name) == dimension
    assert dimension.property_key == key
