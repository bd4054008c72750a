"""A fresh local Telegram for each test, and a bare client to call it."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.local import LocalTelegram
from bot.local.people import Conversation, Person
from tests.local.api_client import ApiClient


@pytest.fixture
async def local() -> AsyncIterator[LocalTelegram]:
    async with LocalTelegram() as running:
        yield running


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def api(local: LocalTelegram, http: aiohttp.ClientSession) -> ApiClient:
    return ApiClient(local, http)


@pytest.fixture
async def ana(local: LocalTelegram, api: ApiClient) -> Person:
    """A patient who tapped START, with nothing pending."""
    person = local.person("Ana")
    await person.start()
    await api.updates()
    return person


@pytest.fixture
def chat(ana: Person) -> Conversation:
    return ana.private_chat()
