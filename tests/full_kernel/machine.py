# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands, waiting, and what the kernel has."""
from __future__ import annotations

import os
import subprocess
import time

# How each is tried: in a network namespace of its own, so that nothing is left.
TRIALS = {
    "8021q": "ip link add a0 type veth peer name a1 && ip link add link a0 name a0.5 type vlan id 5",
    "macvlan": "ip link add a0 type veth peer name a1 && ip link add link a0 name b0 type macvlan mode bridge",
    "ipvlan": "ip link add a0 type veth peer name a1 && ip link add link a0 name b0 type ipvlan mode l2",
    "vxlan": "ip link add a0 type vxlan id 5 dstport 4789",
    "dummy": "ip link add a0 type dummy",
    "esp": "ip xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 5 mode transport"
    " aead 'rfc4106(gcm(aes))' 0x0102030405060708090a0b0c0d0e0f1011121314 64",
    "ip_vs": "modprobe -q ip_vs; test -e /proc/net/ip_vs",
}


def run(*command, check=True, timeout=60, **options):
    """:returns: what the command printed"""
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False, **options)
    if check and done.returncode:
        raise AssertionError("`%s` ended with %d: %s" % (" ".join(command), done.returncode, done.stderr.strip() or done.stdout.strip()))
    return done.stdout.strip()


def lacks(feature):
    """:returns: why this kernel cannot be used for the feature, or nothing"""
    done = subprocess.run(["unshare", "--net", "sh", "-c", TRIALS[feature]], capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return ""
    return "kernel %s has no %s (%s)" % (os.uname().release, feature, done.stderr.strip() or "it cannot be loaded")


def until(find, what, seconds=60):
    """:returns: what `find` found, as soon as it is something"""
    end = time.monotonic() + seconds
    while True:
        found = find()
        if found:
            return found
        assert time.monotonic() < end, "%s, but not within %d s" % (what, seconds)
        time.sleep(0.5)


if __name__ == "__main__":
    print("\n".join(filter(None, map(lacks, TRIALS))))
