# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Say, as JSON, what the role must know of a host before it changes anything: ip_vs, and who holds which TCP port.

    probe_host.py [--load] PORT...      --load: also try to load ip_vs, as Docker itself would
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

LISTENING = "0A"


def listening_inodes(port, root="/proc"):
    """The inodes of the sockets that listen on this TCP port, IPv4 and IPv6."""
    inodes = set()
    for table in ("tcp", "tcp6"):
        try:
            with open(os.path.join(root, "net", table), encoding="ascii") as stream:
                rows = [line.split() for line in stream.readlines()[1:]]
        except FileNotFoundError:
            continue
        for row in rows:
            if row[3] == LISTENING and int(row[1].rsplit(":", 1)[1], 16) == port:
                inodes.add(row[9])
    return inodes


def program_of(inodes, root="/proc"):
    """The name of the program that holds one of these sockets."""
    wanted = {"socket:[%s]" % inode for inode in inodes}
    for pid in filter(str.isdigit, os.listdir(root)):
        directory = os.path.join(root, pid, "fd")
        try:
            if any(os.readlink(os.path.join(directory, number)) in wanted for number in os.listdir(directory)):
                with open(os.path.join(root, pid, "comm"), encoding="utf-8", errors="replace") as stream:
                    return "%s (process %s)" % (stream.read().strip(), pid)
        except OSError:
            continue
    return "a program that could not be identified"


def modprobe(*options):
    for directory in ("/sbin", "/usr/sbin", "/bin", "/usr/bin"):
        program = os.path.join(directory, "modprobe")
        if os.access(program, os.X_OK):
            done = subprocess.run(
                [program] + list(options) + ["ip_vs"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
            )
            return done.returncode == 0
    return False


def has_ip_vs(load, root="/proc", try_module=modprobe):
    """True when the kernel has ip_vs, loaded, built in, or as a module that can be loaded."""
    active = os.path.join(root, "net", "ip_vs")
    if os.path.exists(active):
        return True
    if load:
        return try_module("--quiet") and os.path.exists(active)
    return try_module("--quiet", "--dry-run")


def main(arguments):
    report = {"ip_vs": has_ip_vs("--load" in arguments), "ports": {}}
    for port in filter(str.isdigit, arguments):
        inodes = listening_inodes(int(port))
        if inodes:
            report["ports"][port] = program_of(inodes)
    print(json.dumps(report))


if __name__ == "__main__":
    main(sys.argv[1:])
