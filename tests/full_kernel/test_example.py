# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The example where the kernel has ip_vs: the role itself takes virtual addresses and the ingress mesh, and both answer."""
from __future__ import annotations

import ipaddress
import json
import re
import subprocess
import urllib.request
from pathlib import Path

import pytest

from machine import run, until

HERE = Path(__file__).resolve().parent
# An idle machine needs a quarter of it.
PATIENCE = 900
PAGE = "http://192.0.2.1:8001/"
pytestmark = pytest.mark.kernel("ip_vs", "vxlan")


def play(playbook):
    command = ["ansible-playbook", "-i", str(HERE / "example" / "hosts.yml"), str(playbook)]
    log = Path("/output") / (playbook.stem + ".log")
    with log.open("w") as stream:
        done = subprocess.run(command, stdout=stream, stderr=subprocess.STDOUT, timeout=PATIENCE, check=False)
    told = log.read_text(encoding="utf-8", errors="replace")
    assert done.returncode == 0, told[-4000:]
    return told


@pytest.fixture(scope="module")
def deployed():
    yield play(HERE / "example" / "site.yml")
    run("docker", "swarm", "leave", "--force")


def service(name):
    return json.loads(run("docker", "service", "inspect", name))[0]


def test_the_role_says_that_it_takes_ingress_and_virtual_addresses(deployed):
    assert "Every host has ip_vs" in deployed
    told = " ".join(deployed.split())
    assert "published in ingress mode (every host answers), names are resolved by virtual address" in told


def test_the_services_are_what_the_role_said(deployed):
    assert service("webapp1")["Endpoint"]["Spec"]["Mode"] == service("mysql")["Endpoint"]["Spec"]["Mode"] == "vip"
    assert [(port["PublishMode"], port["PublishedPort"]) for port in service("webapp1")["Endpoint"]["Ports"]] == [("ingress", 8001)]


def test_both_copies_answer_through_the_ingress_port(deployed):
    """Two copies on one host: only the mesh can give both of them the same port."""
    def copies():
        seen.update(re.findall(r"webapp1\.\d on \w+", urllib.request.urlopen(PAGE, timeout=20).read().decode()))
        return len(seen) == 2

    seen = set()
    until(copies, "both copies of the page answer on the one port", 60)


def test_a_name_resolves_to_the_virtual_address(deployed):
    web = run("docker", "ps", "--quiet", "--filter", "label=fleetnet.part=web").split()[0]
    network = run("docker", "network", "inspect", "--format", "{{.Id}}", "myoverlaynetwork")
    virtual = [str(ipaddress.ip_interface(entry["Addr"]).ip) for entry in service("mysql")["Endpoint"]["VirtualIPs"]
               if entry["NetworkID"] == network]
    told = run("docker", "exec", web, "python3", "-c", "import socket; print(socket.gethostbyname('mysql'))")
    mysql = run("docker", "ps", "--quiet", "--filter", "label=fleetnet.part=mysql")
    own = run("docker", "inspect", "--format", "{{.NetworkSettings.Networks.myoverlaynetwork.IPAddress}}", mysql)
    assert [told] == virtual and told != own


@pytest.mark.whole
def test_the_collections_own_verification_passes(deployed):
    root = HERE.parents[1]
    told = play(root / "playbooks" / "verify.yml")
    assert PAGE.rstrip("/") in told


@pytest.mark.whole
def test_again_nothing_changes(deployed):
    assert "changed=0 " in play(HERE / "example" / "site.yml")
