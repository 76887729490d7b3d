"""How a page talks to its server: the token leaves the address, and a server that goes away is found again."""

import asyncio
import itertools

import pytest
from starlette.responses import JSONResponse
from starlette.routing import Route

from keisei_plugins_watch.server import File, Part, event_stream, shared_files

PAGE = b"""<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><p id="state"></p><p id="said"></p>
<script type="module" src="/page.js"></script>"""
SCRIPT = b"""
import { act, follow, takeToken } from "./server/connection.js";
const show = (id, text) => (document.getElementById(id).textContent = text);
takeToken();
follow("/api/events", ({ said }) => show("said", said), (state) => show("state", state));
window.act = act;
"""


@pytest.fixture
def part():
    numbers = itertools.count(1)

    async def events(request):
        async def told():
            yield {"said": f"\u5f62\u52e2 {next(numbers)}"}
            await request.app.state.closing.wait()

        return event_stream(told())

    async def echo(request):
        await asyncio.sleep(0)
        return JSONResponse(await request.json())

    files = {"/": File(PAGE, "text/html"), "/page.js": File(SCRIPT, "text/javascript"), **shared_files()}
    return Part(files, (Route("/api/events", events), Route("/api/echo", echo, methods=["POST"])))


def test_page_follows_events_loses_its_server_and_comes_back(serve, browser, part):
    served = serve(part)
    browser.open(served.page("/"))
    browser.shows("\u5f62\u52e2 1")
    browser.shows("open")
    assert browser.run("return location.href").endswith("/")
    assert browser.run("return window.act('/api/echo', { move: '7g7f' })") == {"move": "7g7f"}

    served.stop()
    browser.shows("lost")
    serve(part, port=served.address.port)
    browser.shows("\u5f62\u52e2 2")
    browser.shows("open")
    assert all("ERR_" in complaint for complaint in browser.complaints())


def test_page_of_a_server_started_anew_says_so_until_its_address_was_opened(serve, browser, part):
    served = serve(part)
    browser.open(served.page("/"))
    first = browser.driver.current_window_handle
    browser.shows("open")

    served.stop()
    anew = serve(part, port=served.address.port, token="another")
    browser.shows("refused")
    browser.open_tab(anew.page("/"))
    browser.shows("open")
    browser.look_at(first)
    browser.shows("open")
    assert all("ERR_" in complaint or "403" in complaint for complaint in browser.complaints())


HASTY = b"""
import { follow, takeToken } from "./server/connection.js";
const waits = window.setTimeout;
window.setTimeout = (done, wait) => waits(done, wait / 100);
takeToken();
follow("/api/events", () => {}, (state) => (document.getElementById("state").textContent += ` ${state}`));
"""


def test_server_that_takes_a_request_and_never_answers_is_lost_and_asked_again(serve, browser, part):
    (events, _), numbers = part.routes, itertools.count(1)

    async def mute(request):
        if next(numbers) == 1:  # as a tunnel does whose far end is gone
            await request.app.state.closing.wait()
        return await events.endpoint(request)

    files = {**part.files, "/page.js": File(HASTY, "text/javascript")}
    browser.open(serve(Part(files, (Route("/api/events", mute),))).page("/"))

    browser.shows("lost open")
