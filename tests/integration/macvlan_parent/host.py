# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host of one's own: network and mount namespaces on this machine, with the real kernel, real files and the real networkd."""
from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
NETWORKD = "/lib/systemd/systemd-networkd"
# What is written below /etc lies in a layer of the namespace alone, and goes with it.
SETUP = """
set -e
mkdir -p {folder}/upper {folder}/work {folder}/state
mount -t overlay overlay -o lowerdir=/etc,upperdir={folder}/upper,workdir={folder}/work /etc
mkdir -p /etc/systemd/network /etc/network/interfaces.d
rm -rf /etc/systemd/network/* /etc/netplan
mount -t tmpfs none /run
mount -o ro -t sysfs sysfs /sys
ip link set lo up
ip link add lan0 type veth peer name lan1
ip address add 192.0.2.11/24 dev lan0
ip link set lan0 up
ip link set lan1 up
ip link add lan2 type veth peer name lan3
echo ready
exec sleep 3600
"""
# A container on a macvlan or ipvlan network, as an engine makes it: another namespace's link on the parent.
CONTAINER = """
ip link add mv0 link {parent} netns {pid} type {driver} mode {mode}
nsenter -t {pid} -n ip address add {address}/24 dev mv0
nsenter -t {pid} -n ip link set mv0 up
"""


def why_not():
    """:returns: why there can be no such host here; empty where there can"""
    if os.geteuid() != 0:
        return "network namespaces need root"
    missing = [name for name in ("ip", "unshare", "nsenter") if shutil.which(name) is None]
    if missing:
        return "%s is not installed" % ", ".join(missing)
    tried = subprocess.run(["unshare", "-m", "-n", "true"], capture_output=True, text=True, check=False)
    return "namespaces are not allowed here: %s" % tried.stderr.strip() if tried.returncode else ""


class Host:
    def __init__(self, folder):
        self.folder = Path(folder)
        self._processes = []
        self._process = self._keep(["unshare", "-m", "-n", "--propagation", "private", "sh", "-c", SETUP.format(folder=folder)])
        first = self._process.stdout.readline()
        if first != "ready\n":
            raise RuntimeError("the namespace could not be made: %s" % self._process.stderr.read())

    def _keep(self, command):
        self._processes.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        return self._processes[-1]

    def close(self):
        for process in reversed(self._processes):
            process.kill()
            process.communicate()

    def inside(self, command):
        return ["nsenter", "-t", str(self._process.pid), "-m", "-n", *command]

    def run(self, *command, check=True):
        done = subprocess.run(self.inside(command), capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0 or not check, done.stderr
        return done.stdout

    def answers(self, command):
        return subprocess.run(self.inside(command), capture_output=True, check=False, timeout=60).returncode == 0

    def reaches(self, address):
        """Whether a neighbour at an address tells its MAC address: no more than a datagram and ARP are needed."""
        send = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('%s', 9))" % address
        self.run(sys.executable, "-c", send)
        deadline = time.monotonic() + 4
        while time.monotonic() < deadline:
            rows = [line.split() for line in self.run("ip", "neighbour", "show", address).splitlines()]
            if any("lladdr" in row for row in rows):
                return True
            if any("FAILED" in row for row in rows):
                return False
            time.sleep(0.05)
        return False

    def module(self, called="macvlan_parent", /, *, runner=("tests/module_runner.py",), came_in="", **params):
        """:returns: the module's answer, or the process' return code where it was killed

        :param called: the module's name; :param came_in: the SSH connection that the run is to have come in by
        """
        own = {"state_dir": str(self.folder / "state")}
        path = self.folder / "params.json"
        path.write_text(json.dumps(dict(own, **params)))
        command = [sys.executable, str(ROOT / runner[0]), *runner[1:], called, str(path)]
        env = dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path), SSH_CONNECTION=came_in)
        done = subprocess.run(self.inside(command), capture_output=True, text=True, check=False, timeout=60, env=env, cwd=ROOT)
        return json.loads(done.stdout) if done.stdout.strip() else done.returncode

    def portrait(self):
        """All links with addresses, flags and routes, and the files below /etc and in the state folder, without the code under test."""
        links = {row["ifname"]: (row.get("linkinfo", {}).get("info_kind"), row.get("link"), row["mtu"], "UP" in row["flags"],
                                 "PROMISC" in row["flags"], sorted(one["local"] for one in row["addr_info"] if one["scope"] != "link"))
                 for row in json.loads(self.run("ip", "-j", "-d", "address"))}
        routes = {(row["dst"], row.get("dev")) for family in ("-4", "-6") for row in json.loads(self.run("ip", "-j", family, "route") or "[]")
                  if not row["dst"].startswith("fe80")}
        files = {str(path.relative_to(self.folder)): path.read_text() for place in ("upper", "state")
                 for path in (self.folder / place).rglob("*") if path.is_file() and not path.name.startswith("lock-")}
        return links, routes, files

    def container(self, parent, address, mode="bridge", driver="macvlan"):
        """:returns: a namespace's process with a link of that driver on the parent, as an engine makes one for a container"""
        box = self._keep(self.inside(["unshare", "-n", "sh", "-c", "echo ready; exec sleep 3600"]))
        assert box.stdout.readline() == "ready\n"
        self.run("sh", "-ec", CONTAINER.format(parent=parent, pid=box.pid, address=address, mode=mode, driver=driver))
        return box

    def networkd(self):
        """Start the real one, and wait until it has looked at the links."""
        self.run("sh", "-ec", "mkdir -p /run/systemd/netif/links /run/systemd/netif/leases /run/systemd/netif/lldp; "
                              "chown -R systemd-network:systemd-network /run/systemd")
        process = self._keep(self.inside([NETWORKD]))
        self.until(lambda: self.answers(["test", "-e", "/run/systemd/netif/state"]), "networkd has written its state")
        return process

    def end(self, process):
        process.send_signal(signal.SIGTERM)
        process.communicate()
        self._processes.remove(process)

    @staticmethod
    def until(condition, what, seconds=20):
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, "not within %d s: %s" % (seconds, what)
            time.sleep(0.1)
