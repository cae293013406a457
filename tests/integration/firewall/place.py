# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts of the lab, and containers on them, that ask each other by TCP and UDP over both families."""
from __future__ import annotations

import itertools
import json
import subprocess

from assumptions import reach

PLACE, UNIT = "/run/fleetnet-between", "fleetnet-between"
PROTOCOLS = ("tcp", "udp")
# Answers "ok" on each port, by TCP and by UDP, of both families.
SERVE = """
import selectors, socket, sys
waiting = selectors.DefaultSelector()
for port in map(int, sys.argv[1:]):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        one = socket.socket(socket.AF_INET6, kind)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        one.bind(("::", port))
        if kind == socket.SOCK_STREAM:
            one.listen(64)
        waiting.register(one, selectors.EVENT_READ)
while True:
    for key, _events in waiting.select():
        if key.fileobj.type == socket.SOCK_STREAM:
            client = key.fileobj.accept()[0]
            client.sendall(b"ok")
            client.close()
        else:
            key.fileobj.sendto(*key.fileobj.recvfrom(64))
"""
ASK = """
import json, socket, sys
from concurrent.futures import ThreadPoolExecutor
def answers(protocol, address, port):
    kind = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, kind) as one:
        one.settimeout(3)
        try:
            one.connect((address, port))
            if protocol == "udp":
                one.send(b"ok")
            return one.recv(8) == b"ok"
        except OSError:
            return False
asked = json.load(sys.stdin)
with ThreadPoolExecutor(len(asked)) as pool:
    print(json.dumps(list(pool.map(lambda one: answers(*one), asked))))
"""


class Place:
    """A host, or a container on it, from which others are asked."""

    def __init__(self, host, number, container=""):
        self.host, self.addresses, self._container = host, (host.address, "fd00:c0de::%d" % number), container

    def tell(self, command, given=""):
        done = subprocess.run([*reach._ssh(self.host.address), command], input=given, capture_output=True, text=True, check=False)
        assert done.returncode == 0, "%s: %s%s" % (command, done.stdout, done.stderr)
        return done.stdout.strip()

    def asks(self, addresses, ports, protocols=PROTOCOLS):
        """:returns: whether each was answered, by protocol, address and port"""
        asked = list(itertools.product(protocols, addresses, ports))
        inside = "sudo docker exec -i %s " % self._container if self._container else ""
        return dict(zip(asked, json.loads(self.tell("%spython3 %s/ask.py" % (inside, PLACE), json.dumps(asked)))))

    def prepare(self):
        self.tell("sudo sh -c 'mkdir -p %s && cat >%s/serve.py'" % (PLACE, PLACE), SERVE)
        self.tell("sudo sh -c 'cat >%s/ask.py'" % PLACE, ASK)
        self.tell("sudo sysctl -qw net.ipv6.conf.eth0.disable_ipv6=0 net.ipv6.conf.all.forwarding=1; "
                  "sudo ip address replace %s/64 dev eth0 nodad" % self.addresses[1])

    def serve(self, *ports):
        self.tell("sudo systemd-run --quiet --collect --unit=%s python3 %s/serve.py %s" % (UNIT, PLACE, " ".join(map(str, ports))))

    def box(self, name, network, *ports, options=""):
        """A container of nothing but this host's own programs."""
        own = {"/usr": "/usr", "/usr/lib": "/lib", "/usr/lib64": "/lib64", "/usr/bin": "/bin", PLACE: PLACE}
        folders = " ".join("-v %s:%s:ro" % pair for pair in own.items())
        self.tell("sudo docker run --detach --name %s --network %s %s %s %s:1 python3 %s/serve.py %s" % (
            name, network, folders, options, UNIT, PLACE, " ".join(map(str, ports))))
        shown = "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{.GlobalIPv6Address}}{{end}}"
        made = Place(self.host, 0, name)
        made.addresses = tuple(self.tell("sudo docker inspect --format '%s' %s" % (shown, name)).split())
        return made

    def import_image(self):
        self.tell("tar --create --files-from=/dev/null | sudo docker import - %s:1" % UNIT)

    def forget(self, *networks):
        """And the containers that have the networks' names."""
        for name in networks:
            self.tell("sudo docker rm -f %s >/dev/null 2>&1; sudo docker network rm %s >/dev/null 2>&1; true" % (name, name))
        self.tell("sudo systemctl stop %s 2>/dev/null; sudo docker image rm %s:1 >/dev/null 2>&1; "
                  "sudo ip address del %s/64 dev eth0; sudo rm -rf %s" % (UNIT, UNIT, self.addresses[1], PLACE))
