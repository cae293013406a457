# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory macvlan on a VLAN, through role macvlan: the LAN and the host reach the container; what is refused leaves nothing."""
from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from lan import box, drop, from_the_lan, lan_pings, module, network, remove
from machine import run

ROOT = Path(__file__).resolve().parents[2]
PAGE = "198.51.100.200"
# What somebody puts in who copies the inventory.
GIVEN = {"ansible_connection": "local", "ansible_python_interpreter": "/usr/bin/python3", "ansible_become": False, "macvlan_persist": "none",
         "lan_interface": "up0", "lan_subnet": "198.51.100.0/24", "lan_gateway": "198.51.100.1", "lan_range": "198.51.100.192/28",
         "lan_shim": "198.51.100.190", "lan_address_of_the_page": PAGE}
# As text, like --extra-vars lan_vlan=30.
ON_THE_VLAN = dict(GIVEN, lan_vlan="30")
pytestmark = [pytest.mark.whole, pytest.mark.kernel("8021q", "macvlan")]


@pytest.fixture(autouse=True)
def _vlan_30_on_the_lan():
    for command in ("ip link add link up1 name up1.30 type vlan id 30", "ip address add 198.51.100.1/24 dev up1.30", "ip link set up1.30 up"):
        from_the_lan(*command.split())
    yield
    from_the_lan("ip", "link", "delete", "up1.30")


def role(*options, fails=False, **variables):
    """:returns: what Ansible said"""
    play = Path("/tmp/macvlan.json")
    play.write_text(json.dumps([{"hosts": "docker_hosts", "gather_facts": False, "roles": ["fleetnet.docker.macvlan"]}]), encoding="utf-8")
    command = ["ansible-playbook", "-i", str(ROOT / "playbooks" / "inventories" / "macvlan"), str(play), "-e", json.dumps(variables), *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert bool(done.returncode) == fails, done.stdout + done.stderr
    return " ".join(done.stdout.split())


def portrait():
    networks = run("docker", "network", "ls", "--format", "{{.Name}} {{.Driver}}").splitlines()
    files = sorted(str(path) for path in Path("/var/lib/fleetnet").rglob("*.json"))
    return networks, links(), run("ip", "route"), files


def links():
    """Without what a link that has only just come up goes through by itself, such as the trial of its link-local address."""
    return {row["ifname"]: (row.get("link"), row["mtu"], "UP" in row["flags"], "PROMISC" in row["flags"], row["address"],
                            sorted(one["local"] for one in row["addr_info"] if one["scope"] != "link"))
            for row in json.loads(run("ip", "-j", "address"))}


def test_the_lan_and_the_host_reach_the_container_on_the_vlan():
    before = portrait()
    role(**ON_THE_VLAN)
    try:
        box("page", "courses_lan", "--ip", PAGE)
        assert lan_pings(PAGE)
        assert "dev shim-up0.30" in run("ip", "route", "get", PAGE)
        assert "bytes from" in run("ping", "-c", "3", "-w", "15", PAGE, check=False)
        assert "changed=0 " in role(**ON_THE_VLAN)
    finally:
        drop("page")
        role(macvlan_state="absent", **ON_THE_VLAN)
    assert portrait() == before


@pytest.mark.parametrize("wrong,said", [
    ({"lan_subnet": "192.0.0.0/16", "lan_gateway": "192.0.0.1", "lan_range": "192.0.2.0/28", "lan_shim": "192.0.2.1"},
     "The address 192.0.2.1 of shim shim-up0.30 is that of link up0 already; choose a free one."),
    ({"lan_gateway": "203.0.113.1"}, "The gateway 203.0.113.1 of network courses_lan is not inside its subnet"),
], ids=["by the host", "by the network"])
def test_what_is_refused_leaves_no_vlan_and_no_network(wrong, said):
    before = portrait()
    assert said in role(fails=True, **dict(ON_THE_VLAN, **wrong))
    assert portrait() == before


def test_check_mode_goes_through_where_a_run_does():
    """Taking all of it away, and moving network and shim to another subnet: the networks are as before in check mode."""
    moved = {**ON_THE_VLAN, "lan_subnet": "203.0.113.0/24", "lan_gateway": "203.0.113.1", "lan_range": "203.0.113.192/28", "lan_shim": "203.0.113.190"}
    role(**ON_THE_VLAN)
    try:
        before = portrait()
        assert "failed=0" in role("--check", **moved)
        assert "failed=0" in role("--check", macvlan_state="absent", **ON_THE_VLAN)
        assert portrait() == before
    finally:
        role(macvlan_state="absent", **ON_THE_VLAN)


def test_somebody_elses_vlan_outlives_its_networks():
    for command in ("ip link add link up0 name up0.30 type vlan id 30", "ip link set up0.30 up"):
        run(*command.split())
    try:
        role(**ON_THE_VLAN)
        assert "changed=0 " in role(**ON_THE_VLAN) and made_by(parent()) == "foreign"
        role(macvlan_state="absent", **ON_THE_VLAN)
        assert there()
    finally:
        run("ip", "link", "delete", "up0.30")


@pytest.mark.kernel("ipvlan")
def test_a_parent_is_switched_to_the_other_driver_and_back_while_a_container_runs():
    def rows(driver):
        return [{"link": "up0", "vlan_id": 30, "shim": {"driver": driver, "addresses": [GIVEN["lan_shim"]], "routes": [GIVEN["lan_range"]]},
                 "networks": [{"name": "courses_lan", "ipam_config": [
                     {"subnet": GIVEN["lan_subnet"], "gateway": GIVEN["lan_gateway"], "iprange": GIVEN["lan_range"]}]}]}]

    role(macvlan_list=rows("macvlan"), **GIVEN)
    try:
        box("page", "courses_lan", "--ip", PAGE)
        for driver in ("ipvlan", "macvlan"):
            assert "failed=0" in role("--check", macvlan_list=rows(driver), **GIVEN)
            role(macvlan_list=rows(driver), **GIVEN)
            from_the_lan("ip", "neigh", "flush", "dev", "up1.30")  # the page has another MAC address
            assert lan_pings(PAGE) and "bytes from" in run("ping", "-c", "3", "-w", "15", PAGE, check=False)
            assert "changed=0 " in role(macvlan_list=rows(driver), **GIVEN)
    finally:
        drop("page")
        role(macvlan_list=rows("macvlan"), macvlan_state="absent", **GIVEN)


def parent(**options):
    return module("macvlan_parent", link="up0", vlan_id=30, persist="none", **options)


def made_by(told):
    return told["parents"][0]["made_by"]


def there():
    return bool(run("ip", "link", "show", "up0.30", check=False))


def test_a_vlan_that_docker_made_is_adopted_and_put_back():
    network("vlan", driver="macvlan", driver_options={"parent": "up0.30"}, ipam_config=[{"subnet": "198.51.100.0/24"}])
    assert there()
    assert made_by(parent()) == "adopted" and not parent()["changed"]
    remove("vlan")
    assert not there(), "the engine no longer takes its VLAN away: adopting has lost its reason"
    back = parent()
    assert back["changed"] and back["actions"][0] == "create link up0.30" and there()
    assert parent(state="absent")["changed"] and not there()


def test_a_vlan_that_the_module_made_outlives_its_last_network():
    assert made_by(parent()) == "created"
    network("vlan", driver="macvlan", driver_options={"parent": "up0.30"}, ipam_config=[{"subnet": "198.51.100.0/24"}])
    remove("vlan")
    assert there() and not parent()["changed"]
    assert parent(state="absent")["changed"] and not there()
