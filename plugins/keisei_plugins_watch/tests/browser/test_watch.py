"""What somebody sees who watches a run: it grows, survives its server, and can be stopped."""

import subprocess
import sys
from contextlib import contextmanager

import pytest
from watched_files import FIRST, SECOND, append, begin, metrics, selfplay

from keisei_plugins_watch.live.part import watching

TRAINING = """
[run]
plies = 640_000
threads = 1
device = "cpu"
[selfplay]
games = 8
rollout_plies = 8
max_plies = 40
[learning]
minibatch = 32
[model]
name = "resnet"
tower_depth = 1
tower_width = 8
[evaluation]
every_updates = 0
final_games = 2
max_plies = 20
"""
LOST = ("ERR_", "net::")
"""In what a browser says of a server that is not there."""


@pytest.fixture
def run(tmp_path):
    return begin(tmp_path / "mine")


def test_page_grows_while_what_the_reader_does_stays(serve, browser, run):
    browser.open(serve(watching(run)).page("/"))
    browser.shows("Stopped: no process of this machine trains this run.", ".state")
    browser.shows("update 2 of 4, 50 %", ".course")
    browser.shows("last match 0.50 [0.2, 0.8] against random (update 2)", ".course")
    table = browser.find("#learning ~ .grid .card:nth-child(2) details")
    browser.run("arguments[0].scrollIntoView()", table)
    table.find_element("css selector", "summary").click()
    assert browser.button("Follow self-play").get_attribute("aria-pressed") == "true"
    browser.shows("Ply 2", ".now")

    append(run / "metrics.jsonl", metrics(3, kl=0.02))
    append(run / "games.jsonl", selfplay(3, SECOND))
    browser.shows("update 3 of 4, 75 %", ".course")
    browser.shows("update 3", ".list")
    assert table.get_attribute("open")
    browser.until(lambda: "192" in table.text)
    assert browser.find("#learning ~ .grid [aria-label*='KL 0.02']")
    browser.shows(f"Ply {len(FIRST)}", ".now")
    browser.shows(f"Ply {len(SECOND)}", ".now")


def test_reader_who_chooses_a_game_keeps_it(serve, browser, run):
    browser.open(serve(watching(run)).page("/"))
    browser.shows("Ply 1", ".now")
    browser.press(" ")
    assert browser.button("Follow self-play").get_attribute("aria-pressed") == "false"
    browser.press("\ue010")  # End
    browser.shows("Ply 6", ".now")

    append(run / "games.jsonl", selfplay(3, SECOND))
    browser.until(lambda: len(browser.all(".list li")) == 2)
    assert browser.text(".now").startswith("Ply 6")
    browser.button("日本語").click()
    browser.shows("停止：このコンピューターでは学習していません。", ".state")
    browser.shows("6 手目", ".now")
    browser.button("自己対局を追う").click()
    browser.shows("3 手目", ".now")


def test_page_loses_its_server_says_so_and_goes_on_by_itself(serve, browser, run):
    served = serve(watching(run))
    browser.open(served.page("/"))
    browser.shows("update 2 of 4", ".course")

    served.stop()
    browser.shows("The server does not answer.", ".course")
    append(run / "metrics.jsonl", metrics(3))
    serve(watching(run), port=served.address.port)
    browser.shows("update 3 of 4", ".course")
    assert "does not answer" not in browser.text(".course")
    assert all(any(word in complaint for word in LOST) for complaint in browser.complaints())


def test_two_tabs_follow_the_same_run_each_by_itself(serve, browser, run):
    served = serve(watching(run))
    browser.open(served.page("/"))
    first = browser.driver.current_window_handle
    browser.shows("update 2 of 4", ".course")
    browser.open_tab(f"http://127.0.0.1:{served.address.port}/")  # as the address bar has it, without the token
    browser.shows("update 2 of 4", ".course")
    browser.press(" ")

    append(run / "metrics.jsonl", metrics(3))
    browser.shows("update 3 of 4", ".course")
    assert browser.button("Follow self-play").get_attribute("aria-pressed") == "false"
    browser.look_at(first)
    browser.shows("update 3 of 4", ".course")
    assert browser.button("Follow self-play").get_attribute("aria-pressed") == "true"


def test_page_without_the_token_says_where_to_get_it(serve, browser, run):
    served = serve(watching(run))
    browser.open(f"http://127.0.0.1:{served.address.port}/")

    browser.shows("open the address that it printed")
    assert "update" not in browser.text("body")
    assert all("403" in complaint for complaint in browser.complaints())


@contextmanager
def running(folder, *words):
    """A command of Keisei in a process of its own, whose messages lie in a file."""
    with (folder / "said").open("w+") as said:
        command = [sys.executable, "-m", "keisei_core", *words]
        with subprocess.Popen(command, cwd=folder, stdout=said, stderr=said) as process:
            try:
                yield process
            finally:
                process.kill()


def test_run_is_stopped_by_the_button_saves_and_goes_on_when_it_is_resumed(serve, browser, tmp_path):
    (tmp_path / "keisei.toml").write_text(TRAINING)
    run = tmp_path / "real"
    run.mkdir()
    browser.open(serve(watching(run)).page("/"))
    browser.shows("The run has not begun.", ".state")
    with running(tmp_path, "run", "--run-dir", "real") as process:
        browser.shows("Training", ".state")
        browser.until(lambda: "update 0 of" not in browser.text(".course"))
        browser.button("Stop and save").click()
        assert browser.driver.switch_to.active_element.text == "Go on training"
        browser.press("\ue00c")  # Escape
        browser.until(lambda: not browser.all("dialog"))
        assert browser.text(".state") == "Training"
        browser.button("Stop and save").click()
        browser.find("dialog .alarm").click()
        browser.shows("Stopped: no process of this machine trains this run.", ".state")
        browser.shows("Go on with: keisei resume", ".course")
        assert process.wait(300) == 75

    stopped = browser.text(".course").partition("update ")[2].split()[0]
    with running(tmp_path, "resume", "real") as process:
        browser.shows("Training", ".state")
        browser.until(lambda: f"update {stopped} of" not in browser.text(".course"))
        browser.button("Stop and save").click()
        browser.find("dialog .alarm").click()
        assert process.wait(300) == 75


def test_both_languages_have_the_same_words(serve, browser, run):
    browser.open(serve(watching(run)).page("/"))
    words = browser.run("return import('/live/words.js').then(({ WORDS }) => WORDS)")

    english, japanese = (sorted(each) for each in (words["en"], words["ja"]))
    assert english == japanese
