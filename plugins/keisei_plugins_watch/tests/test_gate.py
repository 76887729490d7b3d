"""Nothing but the server's own pages gets anything from it, and nothing without the token."""

import pytest
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from keisei_plugins_watch.server import File, Part

PAGE = File(b"<!doctype html>", "text/html")


async def secret(_):
    return PlainTextResponse("secret")


@pytest.fixture
def served(serve):
    routes = (Route("/api/read", secret), Route("/api/act", secret, methods=["POST"]))
    return serve(Part({"/": PAGE, "/live/page.html": PAGE}, routes))


def test_own_page_reads_and_acts(served):
    assert served.ask("GET", "/api/read").body == "secret"
    assert served.ask("GET", "/api/read", Origin=None, Sec_Fetch_Site="same-origin").body == "secret"
    assert served.ask("POST", "/api/act").body == "secret"
    localhost = f"localhost:{served.address.port}"
    assert served.ask("POST", "/api/act", Host=localhost, Origin=f"http://{localhost}").body == "secret"


REFUSED = {
    "no token": {"Authorization": None},
    "another token": {"Authorization": "Bearer other"},
    "another way to give it": {"Authorization": "Basic the-token"},
    "token that is no ASCII": {"Authorization": "Bearer \u00fc"},
    "another name for this machine": {"Host": "evil.example:{port}", "Origin": "http://evil.example:{port}"},
    "another port": {"Host": "127.0.0.1:1", "Origin": "http://127.0.0.1:1"},
    "no port": {"Host": "127.0.0.1"},
    "another site": {"Origin": "http://evil.example"},
    "a page on another port": {"Origin": "http://127.0.0.1:1"},
    "the other name of this machine": {"Origin": "http://localhost:{port}"},
    "https": {"Origin": "https://127.0.0.1:{port}"},
    "a file or a frame without an origin": {"Origin": "null"},
    "another site without origin": {"Origin": None, "Sec_Fetch_Site": "cross-site"},
    "another port without origin": {"Origin": None, "Sec_Fetch_Site": "same-site"},
}


@pytest.mark.parametrize(("method", "path"), [("GET", "/api/read"), ("POST", "/api/act")])
@pytest.mark.parametrize("changes", REFUSED.values(), ids=REFUSED)
def test_other_requests_get_nothing(served, method, path, changes):
    told = {name: value and value.format(port=served.address.port) for name, value in changes.items()}

    answer = served.ask(method, path, **told)

    assert (answer.status, "secret" in answer.body) == (403, False)


def test_what_acts_wants_an_origin(served):
    assert served.ask("POST", "/api/act", Origin=None).status == 403


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/", 403),
        ("DELETE", "/", 403),
        ("OPTIONS", "/api/act", 403),
        ("GET", "/api/act", 405),
        ("PUT", "/api/act", 405),
        ("POST", "/api/read", 405),
        ("GET", "/api/nothing", 404),
        ("GET", "/live/../../../../etc/passwd", 404),
        ("GET", "/live/%2e%2e/%2e%2e/etc/passwd", 404),
        ("GET", "//etc/passwd", 404),
        ("GET", "/live/..%5c..%5cpage.html", 404),
        ("GET", "/live/", 404),
        ("GET", "/api/../live/page.html", 404),
    ],
)
def test_other_methods_and_paths_lead_nowhere(served, method, path, status):
    # As a page of another site asks before it sends something that needs its consent, so without a token.
    changes = {"Authorization": None} if method == "OPTIONS" else {}

    assert served.ask(method, path, **changes).status == status


def test_pages_tell_nothing_and_need_no_token(served):
    answer = served.ask("GET", "/", Authorization=None, Origin=None, Sec_Fetch_Site="none")

    assert (answer.status, answer.body) == (200, "<!doctype html>")


@pytest.mark.parametrize("path", ["/", "/api/read", "/api/nothing"])
def test_every_answer_forbids_what_no_page_needs(served, path):
    headers = served.ask("GET", path, **({"Authorization": None} if path == "/api/read" else {})).headers

    assert "default-src 'none'; script-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"
    assert not any(name.startswith("access-control") for name in headers)
    assert "server" not in headers
