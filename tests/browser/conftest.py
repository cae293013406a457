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
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
OUTPUT = ROOT / "tests" / "output"
ASK = ROOT / "roles" / "course_app" / "files" / "ask_database.sh"
PASSWORD_FILE = "/run/secrets/course_app_mysql_password"
CHROMIUM = os.environ.get("FLEETNET_BROWSER") or "/usr/bin/chromium"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def docker(*arguments, **options):
    done = subprocess.run(("docker",) + arguments, capture_output=True, text=True, timeout=60, check=False, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def lab_container(part):
    """(the lab's host, the container in it) that runs this part of the app."""
    lab = os.environ.get("LAB_NAME") or "fleetnet"
    for host in docker("ps", "--quiet", "--filter", "label=fleetnet.lab=" + lab, "--filter", "name=-host").split():
        found = docker("exec", host, "docker", "ps", "--quiet", "--filter", "label=fleetnet.part=" + part).split()
        if found:
            return host, found[0]
    pytest.fail("no host of the lab %s runs the app (%s): run ./dev demo first, or set COURSE_APP_URL and LAB_NAME." % (lab, part))


@pytest.fixture(scope="session")
def url():
    address = os.environ.get("COURSE_APP_URL")
    if not address:
        host = lab_container("web")[0]
        lines = docker("inspect", "--format", "{{range .NetworkSettings.Networks}}{{println .IPAddress}}{{end}}", host)
        address = "http://%s:8001" % lines.split()[0]
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


class MySQL:
    """The lab's MySQL, reached through the engines, not through the page."""

    def __init__(self):
        host, container = lab_container("mysql")
        self.inside = ("exec", "--interactive", host, "docker", "exec", "--interactive", container)

    def ask(self, sql):
        command = self.inside + ("sh", "-s", "HandsOn", PASSWORD_FILE, sql)
        return docker(*command, input=ASK.read_text(encoding="utf-8")).splitlines()


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
