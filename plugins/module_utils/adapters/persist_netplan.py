# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""netplan: whether it stands behind what networkd or NetworkManager do with a link, and whether it takes a file."""
from __future__ import annotations

import glob
import os
import re
import shutil
import tempfile
import typing as t

from ..values.hostfile import Manager
from . import persist_networkd, persist_networkmanager
from .command import FOLDERS, run

YAML = "/etc/netplan/*.yaml"
GENERATED = "10-netplan-"
CONNECTIONS = "/run/NetworkManager/system-connections/netplan-*.nmconnection"
OURS = "90-fleetnet-"
OWN = ("/etc/netplan/90-fleetnet-*.yaml",)
TRY_SECONDS = 20


def runs(root: str = "") -> bool:
    return bool(glob.glob(root + YAML)) and any(map(os.path.exists, (root + "/usr/sbin/netplan", root + "/usr/libexec/netplan/generate",
                                                                     root + "/lib/netplan/generate")))


def manages(link: str, index: int, root: str = "") -> t.Optional[Manager]:
    name = os.path.basename(persist_networkd.network_file(index, root))
    if name.startswith(GENERATED):
        return Manager(link, "netplan", "networkd:" + name)
    uuid = persist_networkmanager.connection(index, root)
    for path in glob.glob(root + CONNECTIONS) if uuid else ():
        with open(path, encoding="utf-8") as stream:
            if _is_of(stream.read().splitlines(), uuid, link):
                return Manager(link, "netplan", "networkmanager:" + os.path.basename(path))
    return None


def makes(link: str, _index: int, root: str = "") -> bool:
    """A VLAN is named by its key."""
    if not runs(root):
        return False
    key = re.compile(r"^\s*[\"']?%s[\"']?\s*:" % re.escape(link), re.MULTILINE)
    for path in glob.glob(root + YAML):
        if not os.path.basename(path).startswith(OURS):
            with open(path, encoding="utf-8", errors="replace") as stream:
                if key.search(stream.read()):
                    return True
    return False


def _is_of(lines: t.List[str], uuid: str, link: str) -> bool:
    """Netplan writes no UUID, and NetworkManager makes one up from the file's name in a way of its own."""
    if any(line.startswith("uuid=") for line in lines):
        return "uuid=%s" % uuid in lines
    return "interface-name=%s" % link in lines


def refused(path: str, temporary: str, root: str = "") -> str:
    """Tries the new file together with those that are there, in a folder of its own."""
    program = shutil.which("netplan", path=FOLDERS)
    if program is None:
        return ""
    with tempfile.TemporaryDirectory(prefix="fleetnet-netplan-") as folder:
        place = os.path.join(folder, "etc/netplan")
        os.makedirs(place)
        for file in glob.glob(root + YAML):
            shutil.copy(file, place)
        shutil.copy(temporary, os.path.join(place, os.path.basename(path)))
        os.chmod(os.path.join(place, os.path.basename(path)), 0o600)
        tried = run([program, "generate", "--root-dir", folder], seconds=TRY_SECONDS)
    return "" if tried.well else (tried.out + tried.err).strip()
