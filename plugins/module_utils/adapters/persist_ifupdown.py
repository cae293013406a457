# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ifupdown: whether /etc/network/interfaces speaks of a link, and whether it takes a file."""
from __future__ import annotations

import glob
import os
import re
import shutil
import typing as t

from ..values.hostfile import Manager
from .command import run

INTERFACES = "/etc/network/interfaces"
OWN = ("/etc/network/interfaces.d/fleetnet-*",)
TRY_SECONDS = 20
MOST_FILES = 500


def runs(root: str = "") -> bool:
    """It has to read the folder that our files go to as well."""
    programs = [root + "/sbin/ifup", root + "/usr/sbin/ifup"]
    return any(map(os.path.exists, programs)) and "/etc/network/interfaces.d" in " ".join(words(root, "source", "source-directory"))


def manages(link: str, _index: int, root: str = "") -> t.Optional[Manager]:
    return Manager(link, "ifupdown") if runs(root) and link in words(root, "iface") else None


def makes(link: str, _index: int, root: str = "") -> bool:
    return link in words(root, "iface")


def words(root: str, *keys: str) -> t.List[str]:
    """:returns: the word behind each of these keys, in the file and all that it sources but our own"""
    found: t.List[str] = []
    left, seen = [root + INTERFACES], set()
    while left and len(seen) < MOST_FILES:
        path = left.pop()
        if path in seen or os.path.basename(path).startswith("fleetnet-"):
            continue
        seen.add(path)
        for key, word in _lines(path):
            found += [word] if key in keys else []
            if key == "source":
                left += glob.glob(root + word if word.startswith("/") else os.path.join(os.path.dirname(path), word))
            elif key == "source-directory":
                left += [file for file in glob.glob(root + word + "/*") if re.fullmatch(r"[a-zA-Z0-9_-]+", os.path.basename(file))]
    return found


def _lines(path: str) -> t.List[t.Tuple[str, str]]:
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            rows = [line.split() for line in stream.read().replace("\\\n", " ").splitlines()]
    except OSError:
        return []
    return [(row[0], row[1]) for row in rows if len(row) > 1 and not row[0].startswith("#")]


def refused(_path: str, temporary: str, _root: str = "") -> str:
    program = shutil.which("ifquery")
    if program is None:
        return ""
    tried = run([program, "--interfaces", temporary, "--list"], seconds=TRY_SECONDS)
    return "" if tried.well else tried.err.strip()
