# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drivers of third parties: any name, their own options, and nothing of it judged or lost."""
from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from assumptions import reach

from integration.networks.bench import PREFIX
from integration.networks.test_info import info

NAME = PREFIX + "far"
DRIVER = "fnitdriver"
SOCKET = "/run/docker/plugins/%s.sock" % DRIVER
RECORD = "/run/%s.record" % DRIVER
SCRIPT = Path(__file__).with_name("remote_driver.py")


class Here:
    """The driver as a process of this host."""

    def start(self):
        Path(RECORD).write_text("")
        self.process = subprocess.Popen([sys.executable, str(SCRIPT), SOCKET, RECORD])

    def record(self):
        return Path(RECORD).read_text()

    def stop(self):
        self.process.terminate()
        self.process.wait()
        for path in (SOCKET, RECORD):
            Path(path).unlink()


class There:
    """The driver as a unit of a lab host."""

    def __init__(self, host):
        self.host = host

    def _sh(self, command, text=None):
        return subprocess.run([*reach._ssh(self.host), command], input=text, check=True, capture_output=True, text=True).stdout

    def start(self):
        self._sh("cat > /tmp/remote_driver.py", SCRIPT.read_text())
        self._sh("sudo systemctl stop %s 2>/dev/null; sudo truncate -s 0 %s; sudo systemd-run --quiet --collect --unit=%s python3 "
                 "/tmp/remote_driver.py %s %s" % (DRIVER, RECORD, DRIVER, SOCKET, RECORD))

    def record(self):
        return self._sh("sudo cat " + RECORD)

    def stop(self):
        self._sh("sudo systemctl stop %s; sudo rm -f %s %s /tmp/remote_driver.py" % (DRIVER, SOCKET, RECORD))


def place(engine):
    if engine.api.info()["Name"] == socket.gethostname():
        return Here()
    for host in reach.one_host_per_release():
        there = There(host)
        if there._sh("uname -n").strip() == engine.api.info()["Name"]:
            return there
    return pytest.skip("the engine's host cannot be reached to start a driver on it")


@pytest.fixture
def driver(bench):
    where = place(bench.engine)
    where.start()
    time.sleep(0.5)
    yield where
    bench.clean()
    where.stop()


def calls(where, name):
    rows = [json.loads(line) for line in where.record().splitlines()]
    return [asked for call, asked in rows if call == name]


def test_the_life_of_a_network_of_another_driver(bench, driver):
    wish = {"name": NAME, "driver": DRIVER, "driver_options": {"flavour": "sweet", "com.docker.network.quantum": "yes", "encrypted": "false"},
            "ipam_config": [{"subnet": "10.98.230.0/24", "gateway": "10.98.230.1"}], "exact": True}
    assert bench.done(**wish)["changed"]
    generic = calls(driver, "NetworkDriver.CreateNetwork")[-1]["Options"]["com.docker.network.generic"]
    assert {key: generic[key] for key in wish["driver_options"]} == wish["driver_options"]
    again = bench.done(**wish)
    assert not again["changed"], again["reasons"]
    bench.box("web", "far", endpoint={"Aliases": ["www"], "IPAMConfig": {"IPv4Address": "10.98.230.77"}, "DriverOpts": {"rate": "10"}})
    bench.box("cold", "far", "stopped", endpoint={"Aliases": ["ice"]})
    before = bench.portrait()["containers"]
    wish["driver_options"]["flavour"] = "sour"
    assert bench.done(**wish)["changed"]
    assert bench.portrait()["containers"] == before
    assert bench.engine.endpoint(PREFIX + "web", NAME)["IPAddress"] == "10.98.230.77"
    assert calls(driver, "NetworkDriver.CreateNetwork")[-1]["Options"]["com.docker.network.generic"]["flavour"] == "sour"
    assert calls(driver, "NetworkDriver.CreateEndpoint")[-1]["Options"]["rate"] == "10"
    assert len(calls(driver, "NetworkDriver.DeleteNetwork")) == 1
    bench.engine.start(PREFIX + "cold")
    assert bench.engine.endpoint(PREFIX + "cold", NAME)["IPAddress"]
    bench.done(name=NAME, state="absent")
    assert NAME not in bench.portrait()["networks"] and len(calls(driver, "NetworkDriver.DeleteNetwork")) == 2


def test_addresses_from_another_driver(bench, driver):
    wish = {"name": NAME, "driver": "bridge", "ipam_driver": DRIVER, "ipam_driver_options": {"zone": "blue"},
            "ipam_config": [{"subnet": "10.98.231.0/24"}]}
    assert bench.done(**wish)["changed"]
    assert calls(driver, "IpamDriver.RequestPool")[-1]["Options"]["zone"] == "blue"
    again = bench.done(**wish)
    assert not again["changed"], again["reasons"]
    bench.box("web", "far", endpoint={"IPAMConfig": {"IPv4Address": "10.98.231.50"}})
    wish["ipam_driver_options"] = {"zone": "red"}
    assert bench.done(**wish)["changed"]
    assert calls(driver, "IpamDriver.RequestPool")[-1]["Options"]["zone"] == "red"
    assert bench.engine.endpoint(PREFIX + "web", NAME)["IPAddress"] == "10.98.231.50"
    assert not bench.done(**wish)["changed"]


def test_addresses_that_the_driver_itself_gives(bench, driver):
    """As with a DHCP plugin: the engine's address driver null has no pool, and says that it has all of them."""
    wish = {"name": NAME, "driver": DRIVER, "ipam_driver": "null", "driver_options": {"flavour": "sweet"}}
    assert bench.done(**wish)["changed"]
    assert bench.api.inspect_network(NAME)["IPAM"]["Config"][0]["Subnet"] == "0.0.0.0/0"
    again = bench.done(**wish)
    assert not again["changed"], again["reasons"]
    bench.box("web", "far", endpoint={"Aliases": ["www"]})
    before = bench.portrait()["containers"]
    assert bench.done(**dict(wish, driver_options={"flavour": "sour"}))["changed"]
    assert bench.portrait()["containers"] == before
    assert bench.done(name=PREFIX + "beside", ipam_config=[{"subnet": "10.98.232.0/24"}])["changed"]
    shown = info(bench, name=NAME)["networks"][0]["config"]
    assert shown["ipam_config"] == [] and not bench.done(**shown)["changed"]


def test_a_driver_that_is_not_there_leaves_all_as_it_was(bench):
    bench.network("far", "10.98.230.0/24")
    bench.box("web", "far", endpoint={"Aliases": ["www"]})
    before = bench.portrait()
    failed = bench.run(name=NAME, driver="fnit-nobody")
    assert failed["failed"] and failed["fault"] == "environment" and failed["rolled_back"] == "true", failed
    assert bench.portrait() == before and not bench.journals()
