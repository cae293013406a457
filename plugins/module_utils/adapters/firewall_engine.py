# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the programs that follow the engine know of it: its API on its socket, without waking it. Lies beside them on the host.

It needs nothing but the standard library.
"""
from __future__ import annotations

import http.client
import json
import re
import socket
import subprocess
import sys
import urllib.parse

SOCKET = "/var/run/docker.sock"
EVENTS = {"type": ["network", "container"], "event": ["create", "destroy", "start", "die", "pause", "unpause", "connect", "disconnect"]}
FOLDERS = "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"
STATES = ("systemctl", "show", "--property=ActiveState", "--value", "docker.service", "docker.socket")
BRIDGE_NAME = "com.docker.network.bridge.name"
INTERFACE = re.compile(r"[A-Za-z0-9_.-]{1,15}\Z")  # another one would break the text for all of them
COMPLAINED = set()
STOPPED = ("inactive", "failed", "deactivating")


def run(argv, given=""):
    """:returns: (whether it went well, what it printed)"""
    # Ansible's run_command is a module's; this is a program of its own.
    done = subprocess.run(argv, input=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE,  # pylint: disable=ansible-bad-function
                          universal_newlines=True, timeout=60, env={"PATH": FOLDERS, "LC_ALL": "C"}, check=False)
    return done.returncode == 0, done.stdout


class Engine(http.client.HTTPConnection):
    """The engine's API on its socket."""

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(SOCKET)


def ask(path):
    connection = Engine("localhost", timeout=30)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        if answer.status != 200:
            raise ConnectionError("the engine answers %s with %d" % (path, answer.status))
        return json.loads(answer.read())
    finally:
        connection.close()


def asleep():
    """Whether systemd listens for the engine, which was stopped: whoever connects then would start it again."""
    try:
        states = run(STATES)[1].split()
    except (OSError, subprocess.SubprocessError):
        return False  # without systemd nobody is woken
    return len(states) == 2 and states[0] in STOPPED and states[1] == "active"


def unless_asleep():
    if asleep():
        raise ConnectionRefusedError("the engine was stopped, and systemd would start it")


def seen():
    """:returns: the engine's networks and its running containers"""
    unless_asleep()
    return ask("/networks"), ask("/containers/json")


def bridges(networks):
    """:returns: (network's name, interface) for each that a rule can name; of another one it is told once, for this is asked at every event

    Engines before API 1.44 may have several networks of one name.
    """
    names = sorted((net["Name"], str((net.get("Options") or {}).get(BRIDGE_NAME) or "br-" + net["Id"][:12]))
                   for net in networks if net["Driver"] == "bridge")
    for network in [network for network, name in names if not INTERFACE.match(name) and network not in COMPLAINED]:
        sys.stderr.write("The bridge of network %r has a name that no rule can spell, so nothing filters what goes there; make the network anew "
                         "with another %s.\n" % (network, BRIDGE_NAME))
        COMPLAINED.add(network)
    return [(network, name) for network, name in names if INTERFACE.match(name)]


def engine_events():
    """Any byte that comes is an event: what happened is read anew, so nothing can be missed or misread."""
    unless_asleep()
    found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    found.settimeout(30)
    found.connect(SOCKET)
    query = urllib.parse.quote(json.dumps(EVENTS))
    found.sendall(("GET /events?filters=%s HTTP/1.0\r\nHost: localhost\r\n\r\n" % query).encode())
    found.setblocking(False)
    return found
