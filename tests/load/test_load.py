# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A minute of people entering courses on every copy of the page while MySQL is killed in the middle.

Nothing that the page said it stored may be missing, and no answer may keep anybody waiting.
Bounded: FLEETNET_LOAD_SECONDS (60) long, four people, a pause after each course.
"""
from __future__ import annotations

import collections
import os
import secrets
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest

from lab_example import MySQL, lab_containers, page_of

SECONDS = int(os.environ.get("FLEETNET_LOAD_SECONDS") or 60)
PEOPLE = 4
PAUSE = 0.1
PATIENCE = 10
POLITE = (200, 503)  # 503 with a page that says MySQL is away


class Person(threading.Thread):
    """Enters one course after the other and remembers what the page said."""

    def __init__(self, page, run, number, until):
        super().__init__()
        self.page, self.prefix, self.until = page, "LOAD-%s-%d" % (run, number), until
        self.stored, self.slowest, self.answers = [], 0.0, collections.Counter()

    def run(self):
        count = 0
        while time.monotonic() < self.until:
            count += 1
            self.enter("%s-%d" % (self.prefix, count))
            time.sleep(PAUSE)

    def enter(self, ident):
        form = urllib.parse.urlencode({"course_name": "Load", "course_id": ident}).encode()
        request = urllib.request.Request(self.page, data=form, headers={"Origin": self.page.rstrip("/")})
        began = time.monotonic()
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                status, where = answer.status, answer.geturl()
        except urllib.error.HTTPError as answer:
            status, where = answer.code, ""
        except OSError as reason:
            status, where = type(reason).__name__, ""
        self.slowest = max(self.slowest, time.monotonic() - began)
        self.answers[status] += 1
        if status == 200 and "added=" in where:
            self.stored.append(ident)


@pytest.fixture
def run():
    chosen = secrets.token_hex(4)
    yield chosen
    MySQL().ask("DELETE FROM course_details WHERE course_id LIKE 'LOAD-%s-%%'" % chosen)


def wait_for_mysql(seconds=90):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            mysql = MySQL()
            mysql.ask("SELECT 1")
            return mysql
        except (AssertionError, pytest.fail.Exception):
            time.sleep(1)
    return pytest.fail("MySQL did not come back within %d s" % seconds)


def test_nothing_that_was_stored_is_lost(run):
    pages = [page_of(host) for host, _container in lab_containers("web")]
    mysql, until = MySQL(), time.monotonic() + SECONDS
    people = [Person(pages[number % len(pages)], run, number, until) for number in range(PEOPLE)]
    for person in people:
        person.start()
    time.sleep(SECONDS / 3)
    mysql.kill()
    for person in people:
        person.join()
    rows = wait_for_mysql().ask("SELECT course_id FROM course_details WHERE course_id LIKE 'LOAD-%s-%%'" % run)
    answers = sum((person.answers for person in people), collections.Counter())
    stored = [ident for person in people for ident in person.stored]
    print("\n%d answers: %s; %d stored; the slowest took %.1f s" % (
        sum(answers.values()), dict(answers), len(stored), max(person.slowest for person in people)))
    assert set(answers) <= set(POLITE)
    assert len(stored) > SECONDS and answers[503]
    assert set(stored) <= set(rows)
    assert max(person.slowest for person in people) < PATIENCE
