# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real browser on the page, and MySQL itself asked past the page.

COURSE_APP_URL says where the page is; without it the lab (LAB_NAME) is asked which host runs a copy.
FLEETNET_BROWSER is the browser's program.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from lab_example import MySQL, lab_containers, page_of

ROOT = Path(__file__).resolve().parents[2]
OUTPUT = ROOT / "tests" / "output"
CHROMIUM = os.environ.get("FLEETNET_BROWSER") or "/usr/bin/chromium"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="session")
def url():
    address = os.environ.get("COURSE_APP_URL")
    address = address or page_of(lab_containers("web")[0][0])
    return address.rstrip("/") + "/"


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def page(browser, url):
    """A page that fails the test when it loads anything but itself, or complains on the console."""
    context = browser.new_context(viewport={"width": 900, "height": 800})
    opened = context.new_page()
    elsewhere, complaints = [], []
    opened.on("request", lambda request: None if request.url.startswith((url, "data:")) else elsewhere.append(request.url))
    opened.on("console", lambda message: complaints.append(message.text))
    opened.goto(url)
    yield opened
    context.close()
    assert elsewhere == []
    assert [text for text in complaints if "status of 400" not in text] == []


@pytest.fixture(scope="session")
def mysql():
    return MySQL()


@pytest.fixture
def course_id(mysql):
    """An id that nobody uses; what was stored with it is taken away again."""
    chosen = "BROWSER-" + secrets.token_hex(6)
    yield chosen
    mysql.ask("DELETE FROM course_details WHERE course_id = '%s'" % chosen)


@pytest.fixture
def picture(page):
    """Save what is seen, under tests/output."""

    def save(name):
        OUTPUT.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=OUTPUT / (name + ".png"), full_page=True)

    return save
