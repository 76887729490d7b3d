"""One file that needs no network, whatever names are in it, small enough to pass on."""

import json
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from written_run import LOST, RUNG, metrics

from keisei_plugins_report.gather.document import document
from keisei_plugins_report.gather.games import within_room
from keisei_plugins_report.page.page import embedded, page_of
from keisei_plugins_report.report import write_report

HOSTILE = "</script><script>alert(1)</script><!--"
LONG_GAME = ["7g7f", "3c3d", *["2h3h", "8b7b", "3h2h", "7b8b"] * 127]


@pytest.fixture
def page(run):
    return write_report([run()], asks_network=False).read_text()


def test_page_asks_for_nothing_outside_of_itself(page):
    addresses = set(re.findall(r"https?://[^\s\"'<>)]*", page))

    assert addresses <= {"http://www.w3.org/2000/svg", "https://github.com/leeoniya/uPlot"}
    assert "default-src 'none'" in page
    assert not re.search(r"<(link|img|iframe)|<script[^>]* src|@import|url\(", page)


def test_page_carries_the_licence_of_what_it_copies(page):
    assert "Copyright (c) 2022 Leon Sorokin" in page
    assert "The above copyright notice and this permission notice shall be included" in page


def test_names_in_games_cannot_end_the_document(run):
    result = RUNG | {"rungs": [RUNG | {"opponent": HOSTILE}]}
    page = write_report([run(result=result)], asks_network=False).read_text()

    assert page.count("</script>") == 3
    told = re.search(r'id="document">(.*?)</script>', page, re.DOTALL)
    assert told is not None
    assert json.loads(told[1])["runs"][0]["strength"][-1]["opponent"] == HOSTILE


def test_document_is_embedded_as_it_is():
    odd = {"a": "<!-- \u2028 \u2029 歩 \\ /*{program}*/"}

    assert json.loads(embedded(odd)) == odd
    assert "/*{program}*/" in page_of(odd)


def test_page_of_40_long_games_is_below_one_and_a_half_megabytes(run):
    values = [0.123] * len(LONG_GAME)
    games = [
        LOST | {"game": number, "moves": LONG_GAME, "values": values, "winner": "", "ending": "max_plies"}
        for number in range(40)
    ]
    rows = [metrics(update, **{f"figure_{n}": 0.123456 * update for n in range(30)}) for update in range(1, 3_001)]
    found = document([run(matches=games, metrics=rows)], asks_network=False)
    policies = [" ".join(f"{file}g{file}f 12" for file in range(1, 7))] * len(LONG_GAME)
    found["games"] = within_room([{**game, "policies": policies} for game in found["games"]])

    assert [len(game["policies"]) for game in found["games"]] == [510] * 23 + [0] * 17
    assert len(page_of(found).encode()) < 1_500_000


PRESSED = """
<script type="module">
const told = [];
const now = () => document.querySelector(".now").textContent;
const press = (key) => document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
for (const key of ["Home", "ArrowRight", "End", "ArrowLeft", "n", "End", "p", "T"]) {
  press(key);
  told.push(now());
}
const firstFile = () => (Number(document.querySelector(".board text").getAttribute("x")) > 250 ? "right" : "left");
told.push(firstFile());
press("f");
told.push(firstFile());
for (const [word, work] of [["English", (found) => found.click()], ["日本語", (found) => found.click()]]) {
  work([...document.querySelectorAll("button")].find((button) => button.textContent === word));
  told.push(document.documentElement.lang + " " + now());
}
const filter = document.querySelector("select");
filter.value = "selfplay";
filter.dispatchEvent(new Event("change"));
told.push(document.querySelectorAll(".list li").length + " " + now());
document.querySelectorAll("details").forEach((details) => (details.open = true));
document.body.append(Object.assign(document.createElement("pre"), { id: "told", textContent: JSON.stringify(told) }));
</script>
</body>"""


def ended(command):
    """Waits for a command and returns its stdout and stderr; leaves nothing behind that it started."""
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            return process.communicate(timeout=600)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise


def test_browser_draws_every_section_and_obeys_keys_without_a_complaint(run, tmp_path):
    browser = shutil.which("chromium")
    if browser is None or "snap" in Path(browser).resolve().parts:
        pytest.skip("chromium is not installed, or as a snap, which can't read the page")
    page = write_report([run()], asks_network=False)
    page.write_text(page.read_text().replace("</body>", PRESSED))
    flags = ["--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
    flags += ["--virtual-time-budget=3000", "--enable-logging=stderr", "--dump-dom"]

    shown, said = ended([browser, *flags, f"file://{page}#language=ja"])

    assert "CONSOLE" not in said
    drawn = re.sub(r"<script.*?</script>", "", shown, flags=re.DOTALL)
    for word in ("学習 mine", "強さ", "学習の経過", "時間の内訳", "棋譜", "負け", "序盤", "既定値と異なる設定"):
        assert word in drawn
    found = re.search(r'<pre id="told">(.*?)</pre>', drawn)
    assert found is not None
    end = "4 手目 ☖同　銀(31) — ☖後手の勝ち（投了）"  # noqa: RUF001
    turning = "3 手目 ☗２二角成(88)"
    assert json.loads(found[1]) == [
        "開始局面", "1 手目 ☗７六歩(77)", end, turning, "開始局面", end, turning, turning,
        "right", "left", "en Ply 3 ☗B8hx2b+", f"ja {turning}", "1 開始局面",
    ]  # fmt: skip
