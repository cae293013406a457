# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""network_info on real engines: "free" is what an engine really still gives out, and a shown configuration is no difference."""
from __future__ import annotations

import json
import os
import subprocess
import sys

import docker.errors
import pytest

from integration.networks.bench import COLLECTIONS, PREFIX, TESTS

POOLS = {
    "plain": {"Subnet": "10.251.0.0/29"},
    "gateway": {"Subnet": "10.251.0.0/29", "Gateway": "10.251.0.6"},
    "range": {"Subnet": "10.251.0.0/28", "IPRange": "10.251.0.8/29"},
    "first_range": {"Subnet": "10.251.0.0/28", "IPRange": "10.251.0.0/29"},
    "reserved": {"Subnet": "10.251.0.0/28", "Gateway": "10.251.0.1", "AuxiliaryAddresses": {"a": "10.251.0.4", "b": "10.251.0.5"}},
}


def info(bench, **params):
    file = bench.folder / "info.json"
    file.write_text(json.dumps(dict(params, docker_host=bench.url)))
    done = subprocess.run([sys.executable, str(TESTS / "module_runner.py"), "network_info", str(file)], capture_output=True, text=True,
                          env=dict(os.environ, PYTHONPATH=COLLECTIONS), check=False, timeout=60)
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def pool(bench, name):
    row = info(bench, names=[PREFIX + name])["networks"][0]["pools"][0]
    return row["in_use"], row["free"]


@pytest.mark.parametrize("kind,more", [(kind, {}) for kind in POOLS] + [("plain", {"Internal": True})])
def test_free_is_what_the_engine_gives_out(bench, kind, more):
    bench.network("full", None, IPAM={"Driver": "default", "Config": [POOLS[kind]]}, **more)
    in_use, free = pool(bench, "full")
    bench.box("cold", "full", run="created")
    assert pool(bench, "full") == (in_use, free)
    given = 0
    while True:
        try:
            bench.box("b%d" % given, "full")
        except docker.errors.APIError:
            break
        given += 1
        assert pool(bench, "full") == (in_use + given, free - given)
    assert given == free


def test_the_shown_configuration_is_no_difference(bench):
    bench.network("shown", "10.251.1.0/24", Options={"com.docker.network.bridge.enable_icc": "false"})
    bench.network("v6", None, EnableIPv6=True, IPAM={"Driver": "default", "Config": [{"Subnet": "fd00:251:0::/64"}]})
    names = {key: PREFIX + key for key in ("template", "shared")}
    bench.done(networks=[{"name": names["template"], "config_only": True, "ipam_config": [{"subnet": "10.251.3.0/24"}], "labels": {"a": "b"}},
                         {"name": names["shared"], "config_from": names["template"]}])
    rows = [net for net in info(bench)["networks"] if net["name"].startswith(PREFIX)]
    shown = sorted((net["config"] for net in rows), key=lambda row: row.get("config_from") or "")
    assert {net["name"]: net["subnets"] for net in rows}[names["shared"]] == ["10.251.3.0/24"]
    assert len(shown) == 4 and shown[-1]["config_from"] == names["template"]
    again = bench.done(networks=[dict(row, exact=True) for row in shown])
    assert not again["changed"], again["reasons"]
    bench.done(networks=[{"name": name, "state": "absent"} for name in names.values()])


def test_requested_and_current(bench):
    bench.network("seen", "10.251.2.0/24")
    bench.box("live", "seen", endpoint={"Aliases": ["www"], "IPAMConfig": {"IPv4Address": "10.251.2.9"}})
    bench.box("idle", "seen", run="stopped", endpoint={"Aliases": ["cold"]})
    ends = {end["container"]: end for end in info(bench, name=PREFIX + "seen")["networks"][0]["endpoints"]}
    live, idle = ends[PREFIX + "live"], ends[PREFIX + "idle"]
    assert live["requested"]["aliases"] == ["www"] and live["requested"]["ipv4_address"] == live["current"]["ipv4_address"] == "10.251.2.9"
    assert live["state"] == "running" and live["current"]["mac_address"] and "www" in live["current"]["names"]
    assert idle["state"] == "exited" and idle["requested"]["aliases"] == ["cold"] and idle["current"]["ipv4_address"] is None
