# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Through a reboot, with each system that makes links at boot: what was declared is there before the engine starts."""
from __future__ import annotations

import os
import time

import pytest

from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.macvlan_parent import persist
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.macvlan_parent.state import Wish
from ansible_collections.fleetnet.docker.plugins.module_utils.values.hostfile import Manager

from integration.macvlan_parent import booting

SHIM = {"addresses": ["192.0.2.190"], "routes": ["192.0.2.192/28"]}
ADDRESSES, PROMISCUOUS = 7, 6  # places in a picture
SSH = "192.0.2.1 50000 192.0.2.11 22"
LATER = 2  # seconds within which a system makes anew what it still knows
SECONDS = 5  # the least that the roll-back timer takes
ALWAYS = ("networkmanager", "ifupdown, a bridge")
SYSTEMS = [pytest.param(name, marks=[] if name in ALWAYS else pytest.mark.matrix) for name in sorted(booting.SYSTEMS)]

pytestmark = [pytest.mark.engine, pytest.mark.skipif(not os.environ.get("LAB_NAME"), reason="no lab: ./dev test-integration starts one")]


@pytest.fixture(scope="module", params=SYSTEMS)
def host(request, tmp_path_factory):
    made = booting.BootedHost(request.param, tmp_path_factory.mktemp("booting"))
    made.system = request.param.partition(",")[0]
    yield made
    made.close()


def test_a_shim_is_there_when_the_engine_starts(host):
    before = host.now()
    wish = dict(link=host.link, promiscuous=True, shim=SHIM)
    done = host.apply(**wish)
    assert done.get("changed") and done["parents"][0]["persist"] == host.system, done
    made = host.now()
    assert made["shim-" + host.link][ADDRESSES:] == [["192.0.2.190/32"], ["192.0.2.192/28"]] and made[host.link][PROMISCUOUS]
    host.boot()
    assert host.when_the_engine_came() == made and host.now() == made
    again = host.apply(**wish)
    assert not again["changed"], again
    take_away(host, before, made)
    host.boot()
    assert host.now() == before
    assert host.apply(**wish)["changed"] and host.apply(link=host.link, state="absent")["changed"]
    time.sleep(LATER)
    assert host.now() == before


def take_away(host, before, made):
    """As over SSH: what makes the link at boot still knows it while its removal is tried, and must not make it anew."""
    gone = dict(link=host.link, state="absent", came_in_by=SSH)
    tried = host.apply(confirm="try", rollback_after=SECONDS, **gone)
    assert tried.get("unconfirmed") and "shim-" + host.link not in host.now(), tried
    assert host.becomes(made, SECONDS + 10) == made, "nobody confirmed it, so it comes back"
    again = host.apply(confirm="try", rollback_after=60, **gone)
    assert again.get("unconfirmed"), again["msg"]
    time.sleep(LATER)
    assert host.now() == before
    confirmed = host.apply(confirm="confirm", rollback_after=60, **gone)
    assert confirmed.get("changed") and not confirmed["pending"], confirmed
    assert host.now() == before


@pytest.mark.matrix
@pytest.mark.parametrize("behind, made", [
    ("networkd", "run/systemd/network/10-netplan-lan0.50.netdev"),
    ("NetworkManager", "run/NetworkManager/system-connections/netplan-lan0.50.nmconnection")])
def test_netplan_hands_a_vlan_to_the_renderer_of_its_link(tmp_path_factory, behind, made):
    host = booting.BootedHost("netplan, %s behind it" % behind, tmp_path_factory.mktemp("netplan"))
    try:
        other = {"networkd": "NetworkManager", "NetworkManager": "networkd"}[behind]
        detail = {"networkd": "networkd:10-netplan-lan0.network", "NetworkManager": "networkmanager:netplan-lan0.nmconnection"}[behind]
        wish = Wish("lan0", 50, mtu=1400)
        file, = (file for file in persist.files(wish, True, "netplan", Manager("lan0", "netplan", detail)) if file.path.endswith(".yaml"))
        root = "/tmp/netplan"
        host.run("mkdir -p %s/etc/netplan && sed 's/renderer: .*/renderer: %s/' /etc/netplan/10-lan.yaml > %s/etc/netplan/10-lan.yaml" % (
            root, other, root))
        host.run("cat > %s%s" % (root, file.path), file.text)
        host.run("sed -i '/lan0:/a \\      renderer: %s' %s/etc/netplan/10-lan.yaml" % (behind, root))
        host.run("chmod 600 %s/etc/netplan/* && netplan generate --root-dir %s && test -s %s/%s" % (root, root, root, made))
    finally:
        host.close()
