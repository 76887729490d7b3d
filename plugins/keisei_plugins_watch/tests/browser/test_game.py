"""Games in a real browser: by mouse and by keys, over two tabs, and without a server for a while."""

import pytest
from opponents import Told, watched
from rsshogi.record import Record
from watched_files import begin

from keisei_plugins_watch.game.opponent import Opponent
from keisei_plugins_watch.game.part import game_part
from keisei_plugins_watch.game.run_session import session_of_run
from keisei_plugins_watch.game.session import Session
from keisei_plugins_watch.live.part import watching
from keisei_plugins_watch.server import Part, shared_files

OWN = ("6i7h", "4i3h", "1g1f", "8i7g", "7g6e", "B*6b", "6e5c+")
ITS = ("7c7d", "3c3d", "2b7g", "1a1b", "8c8d", "5a5b")
"""A game of 13 plies with a capture, a drop and a mate by promotion."""
MOVES = [usi for pair in zip(OWN, (*ITS, ""), strict=True) for usi in pair if usi]
READ = "#status"
HELD_BACK = """const real = window.fetch;
window.fetch = async (path, options) => {
  const answer = await real(path, options);
  if (path.endsWith("/hint")) await new Promise((resolve) => { window.release = resolve; });
  return answer;
};"""
"""Keeps the answer with a hint from the page until `release()`."""
RELEASED = """const [done] = arguments;
window.release();
setTimeout(done, 100);"""


@pytest.fixture
def table(serve, browser):
    """Opens the page of a game against a player who does as told, in English."""
    sessions = []

    def open_page(player, **setup):
        game = watched(player, **setup)
        sessions.append(game.session)
        game.served = serve(game_part(game.session), Part(shared_files()))
        browser.open(game.served.page("/game/"))
        browser.shows("Your move", READ)
        return game

    yield open_page
    for session in sessions:
        session.close()


class Hand:
    """Plays in a browser as a person does."""

    def __init__(self, browser):
        self.browser = browser

    def middle(self, place):
        """Returns where a place is in the window: the board may be drawn anew at any time."""
        script = f"""const box = document.querySelector('[data-at="{place}"]').getBoundingClientRect();
        return [Math.round(box.x + box.width / 2), Math.round(box.y + box.height / 2)];"""
        return self.browser.run(script)

    def click(self, usi):
        from selenium.webdriver.common.actions.action_builder import ActionBuilder

        builder = ActionBuilder(self.browser.driver)
        for place in (usi[:2], usi[2:4]):
            builder.pointer_action.move_to_location(*self.middle(place)).click()
        builder.perform()

    def drag(self, usi):
        from selenium.webdriver.common.actions.action_builder import ActionBuilder

        (x, y), goal = self.middle(usi[:2]), self.middle(usi[2:4])
        builder = ActionBuilder(self.browser.driver)
        builder.pointer_action.move_to_location(x, y).pointer_down().move_to_location(x, y - 20)
        builder.pointer_action.move_to_location(*goal).pointer_up()
        builder.perform()

    def keys(self, usi, start):
        """Moves the frame from one square to another, and on; returns where it is left."""
        from selenium.webdriver import Keys

        for goal in (usi[:2], usi[2:4]):
            if goal[1] == "*":  # the hand is beyond the right edge, its strongest piece first
                self.browser.press(*[Keys.ARROW_RIGHT] * int(start[0]))
                start = "1i"
            elif goal is not usi[:2] and usi[1] == "*":
                self.browser.press(Keys.ENTER, Keys.ARROW_LEFT)
            if goal[1] != "*":
                across, down = int(start[0]) - int(goal[0]), ord(goal[1]) - ord(start[1])
                self.browser.press(*[Keys.ARROW_RIGHT if across > 0 else Keys.ARROW_LEFT] * abs(across))
                self.browser.press(*[Keys.ARROW_DOWN if down > 0 else Keys.ARROW_UP] * abs(down))
                self.browser.press(Keys.ENTER)
                start = goal
        return start


def played(game, browser, count):
    """Waits until so many moves stand on the page, and it is the person's turn."""
    browser.until(lambda: len(browser.all(".moves li")) == count and game.session.view()["game"]["legal"])
    browser.shows("Your move", READ)


def test_whole_game_by_mouse_with_drop_and_promotion(table, browser):
    game, hand = table(Told(*ITS)), Hand(browser)

    for number, usi in enumerate(OWN[:-1]):
        (hand.drag if number % 2 else hand.click)(usi)
        played(game, browser, 2 * number + 2)
    hand.drag(OWN[-1][:4])
    browser.find("dialog[open]")
    browser.button("Promote").click()

    browser.shows("You win: mate", READ)
    assert game.session.view()["game"]["moves"] == MOVES


def test_whole_game_by_keys(table, browser):
    from selenium.webdriver import Keys

    game, hand, at = table(Told(*ITS)), Hand(browser), "5i"
    browser.run("document.querySelector('.table').focus()")

    for number, usi in enumerate(OWN):
        at = hand.keys(usi, at)
        if number < len(ITS):
            played(game, browser, 2 * number + 2)
    browser.find("dialog[open]")
    browser.press(Keys.ENTER)

    browser.shows("You win: mate", READ)
    assert game.session.view()["game"]["moves"] == MOVES


def test_promotion_is_declined_or_left_alone(table, browser):
    from selenium.webdriver import Keys

    game = table(Told(), start=f"startpos moves {' '.join(MOVES[:-1])}")
    hand = Hand(browser)

    hand.click("6e5c")
    browser.find("dialog[open]")
    browser.press(Keys.ESCAPE)
    browser.until(lambda: not browser.all("dialog"))
    assert game.session.view()["game"]["moves"] == MOVES[:-1]
    hand.click("6e5c")
    browser.button("Leave it").click()
    browser.until(lambda: "6e5c" in game.session.view()["game"]["moves"])


def test_promotion_answered_late_is_not_played_elsewhere(table, browser):
    game = table(Told(), start=f"startpos moves {' '.join(MOVES[:-1])}")
    Hand(browser).click("6e5c")
    browser.find("dialog[open]")

    game.session.take_back()
    browser.until(lambda: len(browser.all(".moves li")) == len(MOVES) - 3)
    browser.button("Leave it").click()

    browser.shows("by now, got a move for ply", ".said")
    assert game.session.view()["game"]["moves"] == MOVES[:-3]
    assert all("409" in complaint for complaint in browser.complaints())


def test_key_that_is_held_takes_back_no_more(table, browser):
    game, hand = table(Told("3c3d", "8c8d")), Hand(browser)
    for count, usi in enumerate(("7g7f", "2g2f"), 1):
        hand.click(usi)
        played(game, browser, 2 * count)

    browser.run("document.dispatchEvent(new KeyboardEvent('keydown', { key: 'u', repeat: true }))")
    hand.click("6g6f")

    played(game, browser, 6)


def test_move_is_typed_and_a_wrong_one_is_told(table, browser):
    from selenium.webdriver import Keys

    game = table(Told("3c3d"))

    browser.find(".usi").send_keys("7g7e", Keys.ENTER)
    browser.shows("7g7e is no legal move here")
    browser.find(".usi").send_keys("7g7f", Keys.ENTER)
    played(game, browser, 2)


def test_undo_hint_resignation_and_record(table, browser, tmp_path):
    game, hand = table(Told("3c3d", "7g7f")), Hand(browser)
    browser.driver.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)})
    hand.click("2g2f")
    played(game, browser, 2)

    browser.button("Hint").click()
    browser.shows("It would think of: ☗P7g-7f")
    assert len(browser.all(".arrow")) == 1
    browser.press("u")
    browser.shows("No move yet.")
    assert browser.all(".arrow") == []
    hand.click("7g7f")
    played(game, browser, 2)
    browser.button("Resign").click()
    browser.button("Really resign?").click()
    browser.shows("You lose: resignation", READ)
    browser.button("Save KIF").click()
    (file,) = browser.until(lambda: list(tmp_path.glob("*.kif")))

    record = Record.from_kif_str(file.read_bytes().decode("cp932"))
    assert [entry.move.to_usi() for entry in record.moves] == game.session.view()["game"]["moves"]
    assert record.result.is_white_win()


def test_hint_that_comes_after_a_move_is_not_shown(table, browser):
    game, hand = table(Told("7g7f", "3c3d")), Hand(browser)
    browser.run(HELD_BACK)
    browser.press("h")
    browser.until(lambda: browser.run("return Boolean(window.release)"))
    hand.click("2g2f")
    played(game, browser, 2)

    browser.driver.execute_async_script(RELEASED)

    assert browser.all(".arrow") == []
    assert browser.text(".said") == ""


def test_two_tabs_show_one_game(table, browser):
    game, hand = table(Told("3c3d", "8c8d")), Hand(browser)
    first = browser.driver.current_window_handle
    browser.open_tab(game.served.page("/game/"))
    browser.shows("Your move", READ)

    hand.click("7g7f")
    played(game, browser, 2)
    browser.look_at(first)
    played(game, browser, 2)
    hand.click("2g2f")
    played(game, browser, 4)


def test_reload_keeps_the_game_and_the_language(table, browser):
    game, hand = table(Told("3c3d")), Hand(browser)
    hand.click("7g7f")
    played(game, browser, 2)

    browser.button("日本語").click()
    browser.driver.refresh()

    browser.shows("あなたの番です", READ)
    browser.shows("☗７六歩(77)", ".moves")


def test_page_that_loses_its_server_takes_no_moves_until_it_is_back(table, serve, browser):
    game, hand = table(Told("3c3d")), Hand(browser)
    game.served.stop()
    browser.shows("The server does not answer.")
    hand.click("7g7f")
    assert game.session.view()["game"]["moves"] == []

    serve(game_part(game.session), Part(shared_files()), port=game.served.address.port)
    browser.until(lambda: not browser.all(".alarm"))
    hand.click("7g7f")
    played(game, browser, 2)
    assert all("ERR_" in complaint for complaint in browser.complaints())


def test_new_game_begins_as_it_is_asked_for(table, browser):
    from selenium.webdriver.support.ui import Select

    game = table(Told())

    browser.button("New game").click()
    Select(browser.find("dialog [data-keep=start]")).select_by_value("two-piece")
    Select(browser.find("dialog [data-keep=colour]")).select_by_value("white")
    browser.button("Begin").click()

    browser.until(lambda: game.session.view()["game"]["start"] == "two-piece")
    browser.shows("Your move", READ)
    assert Hand(browser).middle("9a")[1] > Hand(browser).middle("9i")[1]


def test_run_that_is_watched_leads_to_a_game_against_its_network(serve, browser, tmp_path):
    session = session_of_run(begin(tmp_path / "mine"))
    served = serve(watching(tmp_path / "mine"), game_part(session))

    browser.open(served.page("/"))
    browser.find(".play-it").click()

    browser.button("Begin").click()
    browser.shows("failed: ")  # this run has no checkpoint yet
    browser.button("Ask it again")
    session.close()


def test_start_that_is_none_is_told_and_may_be_asked_for_again(serve, browser):
    from selenium.webdriver.support.ui import Select

    session = Session(lambda: Opponent("toy", Told(), searches=False))
    browser.open(serve(game_part(session), Part(shared_files())).page("/game/"))

    Select(browser.find("[data-keep=start]")).select_by_value("sfen")
    browser.find("[data-keep=sfen]").send_keys("no position")
    browser.button("Begin").click()
    browser.shows("expected", ".said")
    Select(browser.find("[data-keep=start]")).select_by_value("startpos")
    browser.button("Begin").click()
    browser.shows("Your move", READ)
    assert all("409" in complaint for complaint in browser.complaints())
    session.close()
