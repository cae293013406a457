# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A second engine, in namespaces of its own, and one swarm of both: the guest's engine manages, the other works."""
from __future__ import annotations

import subprocess
from pathlib import Path

from machine import run, until

SOCKET = "unix:///run/second.sock"
SECOND = ("--host", SOCKET)
FIRST_ADDRESS, SECOND_ADDRESS = "203.0.113.1", "203.0.113.2"
WIRE = "wire0"
# An engine keeps the namespaces of its containers in a fixed place, which two cannot share.
START = """
mkdir -p /run/second /run/docker && mount --bind /run/second /run/docker
exec dockerd --data-root /store/second --exec-root /run/second --pidfile /run/second.pid --host %s
""" % SOCKET


def answers():
    return subprocess.run(["docker", *SECOND, "info"], capture_output=True, check=False).returncode == 0


class Pair:
    def __init__(self):
        for command in (
            "ip netns add second",
            "ip link add %s type veth peer name wire1 netns second" % WIRE,
            "ip address add %s/24 dev %s" % (FIRST_ADDRESS, WIRE),
            "ip link set %s up" % WIRE,
            "ip -n second address add %s/24 dev wire1" % SECOND_ADDRESS,
            "ip -n second link set wire1 up",
            "ip -n second link set lo up",
            "ip -n second route add default via " + FIRST_ADDRESS,
        ):
            run(*command.split())
        with Path("/output/second.log").open("w", encoding="utf-8") as log:
            self.engine = subprocess.Popen(["nsenter", "--net=/run/netns/second", "unshare", "--mount", "sh", "-ec", START], stdout=log, stderr=log)

    def join(self):
        until(lambda: answers() or self.engine.poll() is not None, "the second engine answers", 120)
        assert self.engine.poll() is None, Path("/output/second.log").read_text(encoding="utf-8")[-2000:]
        saved = subprocess.run(["docker", "save", "box:1"], stdout=subprocess.PIPE, check=True).stdout
        subprocess.run(["docker", *SECOND, "load", "--quiet"], input=saved, stdout=subprocess.DEVNULL, check=True)
        run("docker", "swarm", "init", "--advertise-addr", FIRST_ADDRESS, "--listen-addr", FIRST_ADDRESS)
        token = run("docker", "swarm", "join-token", "--quiet", "worker")
        run("docker", *SECOND, "swarm", "join", "--advertise-addr", SECOND_ADDRESS, "--token", token, FIRST_ADDRESS + ":2377")

    def end(self):
        run("docker", *SECOND, "swarm", "leave", "--force", check=False)
        run("docker", "swarm", "leave", "--force", check=False)
        self.engine.terminate()
        self.engine.wait(60)
        run("ip", "netns", "delete", "second", check=False)
