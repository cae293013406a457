# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ifupdown: whether /etc/network/interfaces speaks of a link, and whether it takes a file."""
from __future__ import annotations

import fnmatch
import glob
import os
import re
import shutil
import typing as t

from ..values.hostfile import Manager
from .command import FOLDERS, run

INTERFACES = "/etc/network/interfaces"
OWN = ("/etc/network/interfaces.d/fleetnet-*", "/etc/network/if-up.d/fleetnet-*")
OURS = "/etc/network/interfaces.d/fleetnet-lan0-50"  # such as this one
FROM_A_FOLDER = re.compile(r"[a-zA-Z0-9_-]+")  # other names are passed over by source-directory
TRY_SECONDS = 20
MOST_FILES = 500


def runs(root: str = "") -> bool:
    """It has to read the files that we write as well."""
    return _installed(root) and any(_reads(OURS, *how) for how in _sourced(root))


def manages(link: str, _index: int, root: str = "") -> t.Optional[Manager]:
    return Manager(link, "ifupdown") if runs(root) and link in words(root, "iface") else None


def makes(link: str, _index: int, root: str = "") -> bool:
    """Also where it does not read our files."""
    return _installed(root) and link in words(root, "iface")


def _installed(root: str) -> bool:
    return any(map(os.path.exists, (root + "/sbin/ifup", root + "/usr/sbin/ifup")))


def words(root: str, *keys: str) -> t.List[str]:
    """:returns: the word behind each of these keys, in the file and all that it sources but our own"""
    return [word for _path, key, word in _read(root) if key in keys]


def _sourced(root: str) -> t.Iterator[t.Tuple[str, str]]:
    """:returns: (source or source-directory, what is read by it, below the root)"""
    for path, key, word in _read(root):
        if key in ("source", "source-directory"):
            yield key, os.path.normpath(os.path.join(os.path.dirname(path)[len(root):], word))


def _reads(path: str, key: str, pattern: str) -> bool:
    """Whether a file of that path is read: a star does not stand for a slash."""
    if key == "source-directory":
        return bool(FROM_A_FOLDER.fullmatch(os.path.basename(path))) and _reads(os.path.dirname(path), "source", pattern)
    parts, wanted = path.split("/"), pattern.split("/")
    return len(parts) == len(wanted) and all(map(fnmatch.fnmatchcase, parts, wanted))


def _read(root: str) -> t.List[t.Tuple[str, str, str]]:
    """:returns: (file, key, word) of each line, in the file and all that it sources but our own"""
    found: t.List[t.Tuple[str, str, str]] = []
    left, seen = [root + INTERFACES], set()
    while left and len(seen) < MOST_FILES:
        path = left.pop()
        if path in seen or os.path.basename(path).startswith("fleetnet-"):
            continue
        seen.add(path)
        for key, word in _lines(path):
            found.append((path, key, word))
            place = root + word if word.startswith("/") else os.path.join(os.path.dirname(path), word)
            if key == "source":
                left += glob.glob(place)
            elif key == "source-directory":
                left += [file for file in glob.glob(place + "/*") if FROM_A_FOLDER.fullmatch(os.path.basename(file))]
    return found


def _lines(path: str) -> t.List[t.Tuple[str, str]]:
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            rows = [line.split() for line in stream.read().replace("\\\n", " ").splitlines()]
    except OSError:
        return []
    return [(row[0], row[1]) for row in rows if len(row) > 1 and not row[0].startswith("#")]


def refused(path: str, temporary: str, _root: str = "") -> str:
    program = shutil.which("ifquery", path=FOLDERS)
    if program is None or not path.startswith(os.path.dirname(OWN[0])):
        return ""
    tried = run([program, "--interfaces", temporary, "--list"], seconds=TRY_SECONDS)
    return "" if tried.well else tried.err.strip()
