# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Use the page as somebody with a browser would, from where the tests run.

    pages.py add URL COURSE_ID...             enter courses, again where the page says that one was not stored
    pages.py listed COUNT URL... -- ID...     wait until COUNT of the addresses list all the courses
    pages.py away URL...                      every page that answers says that MySQL is away, and answers quickly
"""

from __future__ import annotations

import sys
import time
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

PATIENCE = 150
QUICK = 5
AWAY = "The database is taking a short break"
OPEN = build_opener(ProxyHandler({})).open


def ask(url, form=None):
    """(status, page, seconds), or (0, reason, seconds) when nobody answers."""
    began = time.monotonic()
    try:
        with OPEN(Request(url + "/", data=form and urlencode(form).encode()), timeout=15) as answer:
            return answer.status, answer.read().decode(), time.monotonic() - began
    except HTTPError as error:
        return error.code, error.read().decode(), time.monotonic() - began
    except (OSError, HTTPException) as error:
        return 0, str(error), time.monotonic() - began


def add(url, *course_ids):
    for course_id in course_ids:
        # On a machine at its limit MySQL can be late for the page's 1.5 s; who is told that nothing was stored enters it again.
        for _once in range(10):
            status, page, _seconds = ask(url, {"course_name": "Course " + course_id, "course_id": course_id})
            if status != 503 or "The course was not stored" not in page:
                break
            time.sleep(1)
        if status != 200 or course_id not in page:
            sys.exit("adding %s at %s: status %s" % (course_id, url, status))
    print("added %d courses" % len(course_ids))


def listed(count, *rest):
    urls, course_ids = rest[: rest.index("--")], rest[rest.index("--") + 1 :]
    began = time.monotonic()
    while True:
        answers = {url: ask(url) for url in urls}
        complete = [
            url for url, (status, page, _seconds) in answers.items()
            if status == 200 and all("<td>%s</td>" % course_id in page for course_id in course_ids)
        ]
        if len(complete) >= int(count):
            print("%d courses listed on %s after %.1f s" % (len(course_ids), ", ".join(complete), time.monotonic() - began))
            return
        if time.monotonic() - began > PATIENCE:
            seen = {url: (status, AWAY in page) for url, (status, page, _seconds) in answers.items()}
            sys.exit("after %d s only %s list %s (status, away): %s" % (PATIENCE, complete, course_ids, seen))
        time.sleep(0.5)


def away(*urls):
    began = time.monotonic()
    while True:
        answers = [answer for answer in map(ask, urls) if answer[0]]
        if answers and all(AWAY in page for _status, page, _seconds in answers):
            break
        if time.monotonic() - began > PATIENCE:
            sys.exit("no page says that MySQL is away")
        time.sleep(0.5)
    timed = [ask(url) for url in urls for _once in range(5)]
    slowest = max(seconds for status, _page, seconds in timed if status)
    posted = [ask(url, {"course_name": "Lost", "course_id": "lost"}) for url in urls]
    refused = [status for status, page, _seconds in posted if status and "The course was not stored" in page]
    if slowest > QUICK or not refused or set(refused) != {503}:
        sys.exit("slowest answer %.1f s, answers to the form %s" % (slowest, [answer[0] for answer in posted]))
    print("the page says so; slowest answer %.2f s" % slowest)


if __name__ == "__main__":
    {"add": add, "listed": listed, "away": away}[sys.argv[1]](*sys.argv[2:])
