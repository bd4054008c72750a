"""A bare Bot API client: what goes over the wire, checked against the schema."""

from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson

from bot.local import LocalTelegram
from tests.local.bot_api_model import validate_result

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Refusal:
    code: int
    description: str
    parameters: Json


class ApiClient:
    """Calls methods in JSON; every result is validated down the tree."""

    def __init__(self, local: LocalTelegram, http: aiohttp.ClientSession) -> None:
        self._local = local
        self._http = http
        self._offset = 0

    def url(self, method: str) -> str:
        return f"{self._local.api_url}/bot{self._local.token}/{method}"

    async def answer(self, method: str, **params: Any) -> Json:
        """The whole body of the answer."""
        body = orjson.dumps(params)
        headers = {"Content-Type": "application/json"}
        async with self._http.post(
            self.url(method), data=body, headers=headers
        ) as answer:
            decoded: Json = orjson.loads(await answer.read())
            assert answer.status == decoded.get("error_code", 200)
            return decoded

    async def call(self, method: str, **params: Any) -> Any:
        """The result of a call that must succeed."""
        answer = await self.answer(method, **params)
        assert answer["ok"], answer
        validate_result(method, answer["result"])
        return answer["result"]

    async def refused(self, method: str, **params: Any) -> Refusal:
        """The refusal of a call that must not succeed."""
        answer = await self.answer(method, **params)
        assert not answer["ok"], answer
        return Refusal(
            answer["error_code"], answer["description"], answer.get("parameters", {})
        )

    async def upload(
        self, method: str, *, files: dict[str, tuple[str, bytes]], **params: Any
    ) -> Any:
        """A call in multipart/form-data."""
        form = aiohttp.FormData()
        for name, value in params.items():
            text = value if isinstance(value, str) else orjson.dumps(value).decode()
            form.add_field(name, text)
        for name, (file_name, content) in files.items():
            form.add_field(name, content, filename=file_name)
        async with self._http.post(self.url(method), data=form) as answer:
            decoded = orjson.loads(await answer.read())
            assert decoded["ok"], decoded
            validate_result(method, decoded["result"])
            return decoded["result"]

    async def updates(self, **params: Any) -> list[Json]:
        """Take and confirm what waits."""
        found: list[Json] = await self.call(
            "getUpdates", offset=self._offset, timeout=0, **params
        )
        if found:
            self._offset = found[-1]["update_id"] + 1
            await self.call("getUpdates", offset=self._offset)
        return found


def keyboard(*rows: list[str]) -> Json:
    """Inline buttons whose data is their label."""
    return {
        "inline_keyboard": [
            [{"text": label, "callback_data": label} for label in row] for row in rows
        ]
    }
