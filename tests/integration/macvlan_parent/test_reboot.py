# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Through a reboot, with each system that makes links at boot: what was declared is there before the engine starts."""
from __future__ import annotations

import os

import pytest

from integration.macvlan_parent import booting

SHIM = {"addresses": ["192.0.2.190"], "routes": ["192.0.2.192/28"]}
ADDRESSES, PROMISCUOUS = 7, 6  # places in a picture

pytestmark = [pytest.mark.engine, pytest.mark.matrix, pytest.mark.skipif(not os.environ.get("LAB_NAME"), reason="no lab: ./dev test-integration starts one")]


@pytest.fixture(scope="module", params=sorted(booting.SYSTEMS))
def host(request, tmp_path_factory):
    made = booting.BootedHost(request.param, tmp_path_factory.mktemp("booting"))
    made.system = request.param.partition(",")[0]
    yield made
    made.close()


def test_a_shim_is_there_when_the_engine_starts(host):
    before = host.now()
    done = host.apply(link="lan0", promiscuous=True, shim=SHIM)
    assert done.get("changed") and done["parents"][0]["persist"] == host.system, done
    made = host.now()
    assert made["shim-lan0"][ADDRESSES:] == [["192.0.2.190/32"], ["192.0.2.192/28"]] and made["lan0"][PROMISCUOUS]
    host.boot()
    assert host.when_the_engine_came() == made and host.now() == made
    again = host.apply(link="lan0", promiscuous=True, shim=SHIM)
    assert not again["changed"], again
    assert host.apply(link="lan0", state="absent")["changed"]
    host.boot()
    assert host.now() == before
