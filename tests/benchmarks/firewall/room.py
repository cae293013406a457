# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A network namespace of its own, which only the engine's socket reaches into: no packet filter outside is touched."""
from __future__ import annotations

import subprocess
import sys
import time

NAME = "fleetnet-bench"
# Nothing here is to be loaded at the machine's next boot: the module keeps nothing where it sees no systemd.
WITHOUT_SYSTEMD = 'mount -t tmpfs none /run/systemd 2>/dev/null; exec "$@"'
INSIDE = ("ip", "netns", "exec", NAME, "sh", "-c", WITHOUT_SYSTEMD, "sh")


def empty() -> None:
    remove()
    subprocess.run(["ip", "netns", "add", NAME], check=True)


def remove() -> None:
    subprocess.run(["ip", "netns", "del", NAME], check=False, capture_output=True)


def run(argv, given: str = "") -> str:
    done = subprocess.run([*INSIDE, *argv], input=given, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit("The run of %s failed:\n%s%s" % (" ".join(argv), done.stdout, done.stderr))
    return done.stdout


def seconds(*commands) -> float:
    """:param commands: (words, what they read), run one after the other"""
    begun = time.monotonic()
    for argv, given in commands:
        run(argv, given)
    return time.monotonic() - begun
