"""A page of this server may read; one of another server in the same browser may not, token or no token."""

from starlette.responses import PlainTextResponse
from starlette.routing import Route

from keisei_plugins_watch.server import File, Part

ASK = """
const [url, done] = [arguments[0], arguments[arguments.length - 1]];
const headers = { Authorization: "Bearer the-token" };
fetch(url, { headers }).then((found) => found.text()).then(done, () => done("refused"));
"""
PAGE = File(b'<!doctype html><link rel="icon" href="data:,"><p>page', "text/html")


async def secret(_):
    return PlainTextResponse("secret")


def test_only_a_page_of_the_same_server_reads(serve, browser):
    part = Part({"/": PAGE}, (Route("/api/read", secret),))
    served, other = serve(part), serve(part)
    url = f"http://127.0.0.1:{served.address.port}/api/read"

    browser.open(served.page("/"))
    assert browser.driver.execute_async_script(ASK, url) == "secret"
    browser.open(other.page("/"))
    assert browser.driver.execute_async_script(ASK, url) == "refused"
    assert any("Content Security Policy" in complaint for complaint in browser.complaints())
