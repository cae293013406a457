# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Section C(cluster) in a swarm of three hosts: who is a member of it stays, with its overlay networks; who is not is cut off."""
from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from assumptions import reach

from integration.firewall import over_ssh
from integration.firewall.place import PROTOCOLS, Place

pytestmark = [pytest.mark.engine, pytest.mark.matrix,
              pytest.mark.skipif(not os.environ.get("LAB_NAME"), reason="no lab: ./dev test-integration starts one"),
              pytest.mark.skipif(int(os.environ.get("LAB_HOSTS", "3")) < 3, reason="three hosts are needed: one that may, one that may not")]

OVERLAY, PORT, SECONDS = "between-overlay", 7300, 60


@pytest.fixture(scope="module")
def nodes(tmp_path_factory):
    """(host, its container on the overlay network) of the manager, which has the firewall, and of two workers."""
    hosts = [Place(over_ssh.Host("host%d" % number, address, tmp_path_factory.mktemp("host%d" % number)), number)
             for number, address in enumerate(reach.lab_hosts()[:3], 1)]
    manager = hosts[0]
    try:
        manager.tell("sudo docker swarm init --advertise-addr %s" % manager.addresses[0])
        token = manager.tell("sudo docker swarm join-token --quiet worker")
        for worker in hosts[1:]:
            worker.tell("sudo docker swarm join --token %s --advertise-addr %s %s" % (token, worker.addresses[0], manager.addresses[0]))
        manager.tell("sudo docker network create --driver overlay --attachable --subnet 10.212.3.0/24 %s" % OVERLAY)
        boxes = []
        for place in hosts:
            place.prepare()
            place.import_image()
            boxes.append(place.box(OVERLAY, OVERLAY, PORT))
        yield list(zip(hosts, boxes))
    finally:
        for place in reversed(hosts):
            place.tell("sudo docker rm -f %s >/dev/null 2>&1; sudo docker swarm leave --force >/dev/null 2>&1; "
                       "sudo docker network rm docker_gwbridge >/dev/null 2>&1; true" % OVERLAY)
            place.forget()


def reached(box, server):
    """Whether every protocol gets through the overlay network."""
    return all(box.asks(server.addresses[:1], [PORT]).values())


def states(manager):
    """:returns: by address, what the manager says of each node"""
    text = manager.tell("sudo docker node inspect --format '{{.Status.Addr}} {{.Status.State}}' $(sudo docker node ls --quiet)")
    return dict(line.split() for line in text.splitlines())


def becomes(look, wanted):
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        if look() == wanted:
            return True
        time.sleep(1)
    return False


@pytest.mark.parametrize("backend", ["nftables", "iptables"])
def test_members_stay_and_others_are_cut_off(nodes, backend):
    (manager, server), (friend, friends_box), (other, others_box) = nodes
    assert becomes(lambda: (reached(friends_box, server), reached(others_box, server)), (True, True))
    policy = {"backend": backend, "host": {"default": "drop"}, "flush_conntrack": True}
    try:
        done = manager.host.apply(dict(policy, cluster={"members": [*manager.addresses, *friend.addresses]}))
        assert done["changed"] and not done.get("failed"), done
        assert reached(friends_box, server) and not any(others_box.asks(server.addresses[:1], [PORT]).values())
        assert becomes(lambda: states(manager)[other.addresses[0]], "down")
        assert states(manager)[friend.addresses[0]] == "ready" and reached(friends_box, server)

        done = manager.host.apply(dict(policy, cluster={"members": [*manager.addresses, *friend.addresses, *other.addresses]}))
        assert done["changed"] and not done.get("failed"), done
        assert becomes(lambda: (states(manager)[other.addresses[0]], reached(others_box, server)), ("ready", True))
        assert reached(friends_box, server), PROTOCOLS
    finally:
        manager.host.apply({"state": "absent"})
