"""Only this computer's programs and the page itself may talk to the server."""

from typing import Any

import aiohttp
import pytest

from bot.local import LocalTelegram
from bot.local.faults import Faults


@pytest.mark.parametrize("path", ["/bot{token}/getMe", "/{page}/", "/{page}/events"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
async def test_foreign_hosts_and_origins_are_turned_away(local, http, path, headers):
    url = path.format(token=local.token, page=local.world.path_token)
    async with http.get(f"{local.api_url}{url}", headers=headers) as answer:
        assert answer.status == 403
        assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("name", ["", "main.js", "events", "files/x"])
async def test_without_the_path_token_there_is_no_page(local, http, name):
    async with http.get(f"{local.api_url}/guess/{name}") as answer:
        assert answer.status == 404


async def test_the_page_allows_no_inline_script_and_nothing_from_elsewhere(local, http):
    async with http.get(local.page_url) as answer:
        policy = answer.headers["Content-Security-Policy"]
        page = await answer.text()
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http://" not in page
    assert "https://" not in page


async def test_the_page_cannot_reach_files_outside_its_folder(local, http):
    for name in ("../server.py", "..%2fserver.py", "%2e%2e/server.py"):
        async with http.get(f"{local.page_url}{name}") as answer:
            assert answer.status == 404


async def act(
    local: LocalTelegram, http: aiohttp.ClientSession, **wanted: Any
) -> tuple[int, Any]:
    async with http.post(f"{local.page_url}act", json=wanted) as answer:
        return answer.status, await answer.json()


async def test_acts_of_the_page_need_json(local, http):
    async with http.post(f"{local.page_url}act", data=b"{}") as answer:
        assert answer.status == 415


async def test_what_no_person_could_do_is_refused_with_a_reason(local, http, ana):
    bo = local.person("Bo")
    status, body = await act(
        local, http, do="write", user_id=bo.id, chat_id=ana.id, text="hi"
    )
    assert (status, body["why"]) == (409, "This is somebody else's chat.")
    status, body = await act(local, http, do="clock", seconds=-1)
    assert (status, body["why"]) == (409, "The clock only goes forward.")


@pytest.mark.parametrize("name", [one for one in dir(Faults) if one[0] != "_"])
async def test_faults_are_out_of_the_pages_reach(local, http, ana, name):
    status, _ = await act(local, http, do=name, user_id=ana.id)
    assert status == 400


async def test_only_a_loopback_address_listens(local):
    (listener,) = local._server.servers[0].sockets
    assert listener.getsockname()[0] == "127.0.0.1"
