"""A real browser: Debian's Chromium, driven by Selenium. `make browser` installs what it takes and asks for it."""

import os
import shutil
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

ASKED_FOR = "KEISEI_BROWSER"
PROGRAMS = ("chromium", "chromedriver")
WAIT_S = 300.0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leaves out what takes a browser unless it is asked for.

    Raises:
        pytest.UsageError: it is asked for and there is none.
    """
    own = [item for item in items if item.path.parent == Path(__file__).parent]
    if ASKED_FOR not in os.environ:
        reason = f"a real browser takes a minute: `make browser` installs Selenium and sets {ASKED_FOR}"
        for item in own:
            item.add_marker(pytest.mark.skip(reason=reason))
    elif own and (missing := _missing()):
        told = f"{ASKED_FOR} asks for a real browser, and there is no {', no '.join(missing)}"
        raise pytest.UsageError(f"{told}: Debian has chromium and chromium-driver, `make browser` installs selenium")


def _missing() -> list[str]:
    programs = [name for name in PROGRAMS if shutil.which(name) is None]
    return programs if find_spec("selenium") else [*programs, "selenium"]


class Browser:
    """One tab, or several: what a person would do and see."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def open(self, url: str) -> None:
        """Opens a page in this tab."""
        self.driver.get(url)

    def open_tab(self, url: str) -> str:
        """Opens a page in a tab of its own, which is then the one that is looked at; returns its handle."""
        self.driver.switch_to.new_window("tab")
        self.driver.get(url)
        return str(self.driver.current_window_handle)

    def look_at(self, handle: str) -> None:
        """Turns to another tab."""
        self.driver.switch_to.window(handle)

    def find(self, selector: str) -> Any:
        """Returns the element of a CSS selector once it is there."""
        return self.until(lambda: self.all(selector))[0]

    def all(self, selector: str) -> list[Any]:
        return list(self.driver.find_elements("css selector", selector))

    def text(self, selector: str) -> str:
        """Returns the text of the first such element, as one sees it."""
        return str(self.find(selector).text)

    def shows(self, text: str, selector: str = "body") -> None:
        """Waits until an element shows a text."""
        self.until(lambda: text in self.run("return document.querySelector(arguments[0])?.innerText ?? ''", selector))

    def button(self, name: str) -> Any:
        """Returns the button that is called so, by its text or its label, once it is there."""
        path = f"//button[normalize-space()={name!r} or @aria-label={name!r}]"
        return self.until(lambda: self.driver.find_elements("xpath", path))[0]

    def press(self, *keys: str) -> None:
        """Types keys, of Selenium's `Keys` or characters, to whatever has the focus."""
        from selenium.webdriver import ActionChains

        ActionChains(self.driver).send_keys(*keys).perform()

    def run(self, script: str, *arguments: object) -> Any:
        """Runs a script in the page and returns what it returns."""
        return self.driver.execute_script(script, *arguments)

    def until(self, found: Callable[[], Any]) -> Any:
        """Waits until something is true, and returns it; what went stale meanwhile is looked for again."""
        from selenium.common.exceptions import StaleElementReferenceException
        from selenium.webdriver.support.ui import WebDriverWait

        wait = WebDriverWait(self.driver, WAIT_S, 0.1, ignored_exceptions=(StaleElementReferenceException,))
        return wait.until(lambda _: found())

    def complaints(self) -> list[str]:
        """Returns what the browser complained of since this was asked last: errors, and what a policy forbade."""
        return [row["message"] for row in self.driver.get_log("browser") if row["level"] in ("WARNING", "SEVERE")]


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Chromium without a window, with a profile of its own."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--lang=en"):
        options.add_argument(flag)
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('profile')}")
    options.add_argument("--window-size=1400,1000")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService(executable_path=shutil.which("chromedriver"))
    made = webdriver.Chrome(options=options, service=service)
    made.set_page_load_timeout(WAIT_S)
    yield made
    made.quit()


@pytest.fixture
def browser(driver: Any) -> Iterator[Browser]:
    """A browser with an empty tab that remembers nothing of other tests; it must have had nothing to complain of."""
    first = driver.current_window_handle
    found = Browser(driver)
    found.complaints()
    yield found
    complaints = found.complaints()
    for handle in driver.window_handles:
        driver.switch_to.window(handle)
        if driver.current_url.startswith("http"):
            driver.execute_script("localStorage.clear(); sessionStorage.clear();")
        if handle != first:
            driver.close()
    driver.switch_to.window(first)
    driver.get("about:blank")
    assert complaints == []
