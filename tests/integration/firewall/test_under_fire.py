# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A hundred re-applications under fire: no allowed connection fails, no denied one gets through."""
from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from integration.firewall.site import COLLECTIONS, HOST4, HOST6, LAN_SIDE, TRAFFIC

ALLOWED, DENIED, TIMES = 18080, 18090, 100


@pytest.fixture(scope="module")
def web(site):
    site.empty()
    site.network("front", 7)
    box = site.box("web", "front", [(ALLOWED, 80, "tcp", ""), (DENIED, 90, "tcp", "")])
    box.serve(("tcp", 80), ("tcp", 90))
    yield box
    site.apply(state="absent")


def policy(site, number):
    """Two that differ in a rule that has nothing to do with the traffic."""
    rules = [{"action": "accept", "ports": [str(ALLOWED)]}, {"action": "drop", "ports": [str(number)]}]
    return {"published": {"default": "drop", "rules": rules}, "host": {"default": "drop"}, "docker_host": "unix://" + site.socket,
            "backend": site.backend}


@pytest.mark.parametrize("address", [pytest.param(HOST4, id="IPv4"), pytest.param(HOST6, id="IPv6", marks=pytest.mark.matrix)])
def test_a_hundred_times(site, web, address):
    site.apply(**{key: value for key, value in policy(site, 1).items() if key not in ("docker_host", "backend")})
    before = allowed_packets(site)
    stop = "/run/fnfw-%s" % uuid.uuid4().hex
    hammer = subprocess.Popen([*site.inside, *LAN_SIDE, "python3", "-", "hammer", address, str(ALLOWED), str(DENIED), stop], text=True,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    hammer.stdin.write(TRAFFIC)
    hammer.stdin.close()
    try:
        policies = json.dumps([policy(site, 2), policy(site, 1)])
        done = subprocess.run([*site.net, sys.executable, str(Path(__file__).parent / "again.py"), policies, str(TIMES)], text=True,
                              capture_output=True, check=False, env=dict(os.environ, PYTHONPATH=COLLECTIONS))
        assert done.stdout == "%d\n" % TIMES, done.stderr
    finally:
        site.run("touch", stop)
        good, bad, leaked = json.loads(hammer.stdout.read())
        hammer.wait()
        site.run("rm", stop)
    assert (bad, leaked) == (0, 0) and good > TIMES, (good, bad, leaked)
    # Each connection is one packet that a rule judges; what comes between reading the counters and loading is lost to them.
    assert 0.8 * good <= allowed_packets(site) - before <= good


def allowed_packets(site):
    return next(row["packets"] for row in site.module("firewall_info")["counters"] if row["rule"] == "published 1")
