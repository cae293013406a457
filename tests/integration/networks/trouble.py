# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run of the module with trouble at a chosen change, and what has to hold afterwards, whatever the module."""
from __future__ import annotations

import threading

from integration.networks.bench import Killed
from integration.networks.proxy import CALL_BEFORE, Proxy


def disturbed(bench, trouble, number, params, call=None):
    """:param call: what happens before that change, where the trouble is CALL_BEFORE

    :returns: the answer, or None where the module was killed; and the proxy
    """
    bench.wait_for_loops()
    return _through_a_proxy(bench, trouble, number, params, call)


def _through_a_proxy(bench, trouble, number, params, call=None):
    folder = bench.folder / ("%s-%d-%d" % (trouble.replace(" ", "-"), number, len(list(bench.folder.iterdir()))))
    folder.mkdir()
    with Proxy(folder, bench.url, trouble, number, call) as proxy:
        try:
            answer = bench.run(through=proxy, **params)
        except Killed:
            answer = None
        return answer, proxy


def restarted(bench, number, params):
    """The engine restarts before the change. What the module says may be success or a failure that was rolled back.

    No container here crashes, so there is no back-off to wait for.
    """
    done = threading.Event()

    def restart():
        bench.engine.restart_engine()
        done.set()

    answer, _proxy = _through_a_proxy(bench, CALL_BEFORE, number, params, restart)
    assert done.is_set()
    if answer.get("failed"):
        assert answer["rolled_back"] == "true", answer
    bench.done(**params)


def assert_rolled_back(answer, moment):
    assert answer.get("failed") and answer["rolled_back"] == "true" and answer["left_over"] == [], (moment, answer)
    assert "injected by the proxy" in answer["msg"] and answer["msg"].endswith("; everything is back as it was.")


def assert_nothing_left(bench):
    assert not bench.journals() and not bench.orphans()
