# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host with an engine, a LAN beside it, and containers on its networks: what the module does there, and which packets get through.

FLEETNET_FIREWALL_SITES lists them: C(26.1=1234) is the host that process 1234 lives in, C(20.10=self) the host this runs on. Everything
happens in network namespaces of that host.
"""
from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import docker

TESTS = Path(__file__).resolve().parents[2]
COLLECTIONS = next(place for place in sys.path if os.path.isdir(os.path.join(place, "ansible_collections", "fleetnet")))
TRAFFIC = (Path(__file__).parent / "traffic.py").read_text(encoding="utf-8")
PREFIX, LABEL = "fnfw-", "fleetnet.firewall"
LAN, CABLE = "fnfw-lan", ("fnfw0", "fnfw1")
HOST4, HOST6 = "198.51.100.1", "2001:db8:51::1"
NEAR4, NEAR6, FAR4, FAR6 = "198.51.100.2", "2001:db8:51::2", "198.51.100.3", "2001:db8:51::3"
SECONDS = 1.2
# The module runs among this machine's own files, and is to keep nothing there for its next boot.
WITHOUT_SYSTEMD = 'mount -t tmpfs none /run/systemd 2>/dev/null; [ -z "$NFT" ] || mount --bind "$NFT" "$(command -v nft)"; exec "$@"'


class Site:
    """:param process: one of the host's, or "self"; :param image: one with C(sleep) in it
    :param backend: of the policies that are applied
    """

    def __init__(self, release, process, folder, image, backend="auto"):
        self.release, self._folder, self.image, self.backend = release, folder, image, backend
        own = process == "self"
        self.inside = [] if own else ["nsenter", "-t", process, "-n", "-m", "-p"]
        self.net = [*([] if own else self._with_its_nft(process)), "unshare", "--mount", "sh", "-c", WITHOUT_SYSTEMD, "sh"]
        self.socket = "/run/docker.sock" if own else "/proc/%s/root/run/docker.sock" % process
        self.api = docker.APIClient(base_url="unix://" + self.socket, version="auto", timeout=60)
        self._servers = []
        if not self.api.images(name=image):
            self.api.pull(image)

    def _with_its_nft(self, process):
        """An older nft ends by a signal when it lists what a newer one loaded (1.0.6 and 1.1.3), and the follower uses the host's."""
        program = self._folder / "nft"
        program.write_text('#!/bin/sh\nexec nsenter -t %s -m nft "$@"\n' % process, encoding="utf-8")
        program.chmod(0o755)
        return ["nsenter", "-t", process, "-n", "env", "NFT=%s" % program]

    # the host and its LAN

    def run(self, *argv, check=True):
        done = subprocess.run([*self.inside, *argv], capture_output=True, text=True, check=False)
        assert not check or done.returncode == 0, (argv, done.stderr)
        return done.stdout

    def feed(self, text, *argv):
        subprocess.run([*self.inside, *argv], input=text, text=True, stdout=subprocess.DEVNULL, check=True)

    def lan(self, *argv, check=True):
        return self.run("ip", "netns", "exec", LAN, *argv, check=check)

    def build(self):
        self.clear()
        self.run("ip", "netns", "add", LAN)
        self.run("ip", "link", "add", CABLE[0], "type", "veth", "peer", "name", CABLE[1])
        self.run("ip", "link", "set", CABLE[1], "netns", LAN)
        # Where Docker runs a host in a container, IPv6 is off in it until somebody wants it.
        for where in (self.run, self.lan):
            where("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=0", "net.ipv6.conf.default.disable_ipv6=0")
        self.run("ip", "address", "add", HOST4 + "/24", "dev", CABLE[0])
        self.run("ip", "address", "add", HOST6 + "/64", "dev", CABLE[0], "nodad")
        self.run("ip", "link", "set", CABLE[0], "up")
        for address in (NEAR4 + "/24", FAR4 + "/24"):
            self.lan("ip", "address", "add", address, "dev", CABLE[1])
        for address in (FAR6 + "/64", NEAR6 + "/64"):
            self.lan("ip", "address", "add", address, "dev", CABLE[1], "nodad")
        self.lan("ip", "link", "set", CABLE[1], "up")
        self.lan("ip", "route", "add", "default", "via", HOST4, "src", NEAR4)
        self.lan("ip", "route", "add", "default", "via", HOST6, "src", NEAR6)
        # A neighbour who asks for the loopback addresses of this host.
        self.lan("sysctl", "-qw", "net.ipv4.conf.all.route_localnet=1")
        self.lan("ip", "route", "add", "127.0.0.1/32", "via", HOST4, "src", NEAR4)
        self.settle(device=("dev", CABLE[0]))
        self.settle(*LAN_SIDE)
        self.run("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")

    def clear(self):
        self.empty()
        self.module(state="absent")
        self.run("ip", "netns", "del", LAN, check=False)
        self.run("ip", "link", "del", CABLE[0], check=False)

    def empty(self):
        """No servers, containers and networks of an earlier test."""
        self.end_servers()
        for box in self.api.containers(all=True, filters={"label": LABEL}):
            self.api.remove_container(box["Id"], force=True)
        for net in self.api.networks():
            if net["Name"].startswith(PREFIX):
                self.api.remove_network(net["Id"])

    def end_servers(self):
        for server in self._servers:
            server.stdin.close()
            server.wait()
        self._servers = []

    def has_restarted(self):
        """With its first process everything went that was made in its namespaces."""
        return not os.path.exists(self.socket)

    def restart_engine(self):
        """With its rules, which may have gone with what another firewall flushed."""
        # Other tests have started it again, too, and systemd has had enough of that at some number.
        self.run("systemctl", "reset-failed", "docker.service", "docker.socket", check=False)
        self.run("systemctl", "restart", "docker")
        until = time.monotonic() + 60
        while True:
            try:
                self.api.ping()
                return
            except OSError:
                assert time.monotonic() < until, "the engine does not answer a minute after its restart"
            time.sleep(0.2)

    # networks and containers

    def network(self, name, number, driver="bridge", **more):
        """Both families: 10.91.NUMBER.0/24 and fd91:NUMBER::/64."""
        config = [{"Subnet": "10.91.%d.0/24" % number}, {"Subnet": "fd91:%d::/64" % number}]
        body = dict({"Name": PREFIX + name, "Driver": driver, "EnableIPv6": True, "IPAM": {"Config": config}}, **more)
        answer = self.api._post_json(self.api._url("/networks/create"), data=body)
        self.api._raise_for_status(answer)
        return PREFIX + name

    def box(self, name, network, ports=()):
        """:param ports: (published port, container's port, protocol, address to publish on or empty)"""
        bindings = {}
        for outer, inner, protocol, address in ports:
            bindings.setdefault("%d/%s" % (inner, protocol), []).append({"HostIp": address, "HostPort": str(outer)})
        host = self.api.create_host_config(network_mode=PREFIX + network)
        host["PortBindings"] = bindings
        made = self.api.create_container_from_config({
            "Image": self.image, "Cmd": ["sleep", "3600"], "Labels": {LABEL: "1"}, "StopSignal": "SIGKILL", "HostConfig": host,
            "ExposedPorts": {key: {} for key in bindings}}, PREFIX + name)
        self.api.start(made["Id"])
        details = self.api.inspect_container(made["Id"])
        end = details["NetworkSettings"]["Networks"][PREFIX + network]
        made = Box(self, details["State"]["Pid"], end["IPAddress"], end["GlobalIPv6Address"])
        self.settle(*made.side)
        options = self.api.inspect_network(end["NetworkID"])["Options"] or {}
        self.settle(device=("dev", options.get("com.docker.network.bridge.name", "br-" + end["NetworkID"][:12])))
        return made

    def settle(self, *where, device=()):
        """Until no address is being tried any more: nobody is answered at such a one, and while that is a router's link-local address,
        the router cannot ask for its neighbours.
        """
        until = time.monotonic() + 10
        while self.run(*where, "ip", "-6", "address", "show", *device, "tentative"):
            assert time.monotonic() < until, (where, device)
            time.sleep(0.1)

    # packets

    def serve(self, where, *services):
        """:param where: words in front of a command that runs it in a namespace"""
        # It lives as long as its stdin is open: a signal would not reach what nsenter started in another process namespace.
        server = subprocess.Popen([*self.inside, *where, "python3", "-c", TRAFFIC, "serve", json.dumps(services)],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._servers.append(server)
        assert server.stdout.readline() == "ready\n"

    def forget(self):
        """Flows without ports go on for minutes, and the established ones are let through."""
        self.run("conntrack", "-F")

    def ask(self, where, *questions):
        """:param questions: (protocol, address, port[, own address[, own port]]); :returns: for each whether it was answered"""
        rows = [(*question, *("", 0)[len(question) - 3:]) for question in questions]
        done = subprocess.run([*self.inside, *where, "python3", "-", "ask", json.dumps(rows), str(SECONDS)], input=TRAFFIC,
                              capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    # the module

    def module(self, name="firewall", **params):
        file = self._folder / "params.json"
        file.write_text(json.dumps(dict(params, docker_host="unix://" + self.socket)))
        done = subprocess.run([*self.net, sys.executable, str(TESTS / "module_runner.py"), name, str(file)], capture_output=True,
                              text=True, check=False, env=dict(os.environ, PYTHONPATH=COLLECTIONS))
        assert done.stdout, done.stderr
        answer = json.loads(done.stdout)
        answer["warnings"] = [line if isinstance(line, str) else line["event"]["msg"] for line in answer.get("warnings", ())]
        return answer

    def apply(self, **policy):
        answer = self.module(**dict({"state_dir": str(self._folder), "backend": self.backend}, **policy))
        assert not answer.get("failed"), answer
        return answer


LAN_SIDE = ("ip", "netns", "exec", LAN)
HOST_SIDE = ()


class Box:
    """A running container: C(side) runs a command in its network namespace."""

    def __init__(self, site, process, ipv4, ipv6):
        self._site, self.ipv4, self.ipv6 = site, ipv4, ipv6
        self.side = ("nsenter", "-t", str(process), "-n")

    def serve(self, *services):
        self._site.serve(self.side, *services)

    def ask(self, *questions):
        return self._site.ask(self.side, *questions)
