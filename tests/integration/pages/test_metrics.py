"""Metrics are for who has the token, and name patterns of addresses, never a participant."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client

from tests.integration.conduct.world import STUDY, World


@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer wrong", "Basic x"])
def test_without_the_token_it_is_not_there(db: None, header: str) -> None:
    headers = {"authorization": header} if header else {}
    assert Client(headers=headers).get("/metrics").status_code == 404


def test_addresses_are_counted_by_their_pattern(
    world: World, signed_in: Callable[[str], Client]
) -> None:
    code = world.screened()
    signed_in("lin").get(f"/studies/{STUDY}/participants/{code}")
    token = f"Bearer {settings.TRIALWRIGHT_METRICS_TOKEN}"
    text = Client(headers={"authorization": token}).get("/metrics").content.decode()
    assert 'trialwright_requests_total{method="GET",status="200"' in text
    assert "participants/<str:code>" in text and code not in text and STUDY not in text
    assert "trialwright_unsigned_seconds" in text
