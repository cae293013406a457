# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A container image made from this machine's own programs, so that no registry is needed."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import tarfile

PROGRAMS = ("sh", "cat", "ls", "sleep", "getent")
NAME = "fleetnet-assumptions"


def archive() -> bytes:
    """A root file system as a tar: the programs, the libraries they load, and the name service's switch file."""
    files = {}
    for program in PROGRAMS:
        path = shutil.which(program, path="/usr/bin:/bin")
        if not path:
            raise SystemExit("This test needs the program '%s'; install it (Debian: coreutils, libc-bin)." % program)
        files["/bin/" + program] = os.path.realpath(path)
        for library in _libraries(path):
            files[library] = os.path.realpath(library)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, source in sorted(files.items()):
            tar.add(source, arcname=name.lstrip("/"))
        switch = b"hosts: files dns\n"
        entry = tarfile.TarInfo("etc/nsswitch.conf")
        entry.size = len(switch)
        tar.addfile(entry, io.BytesIO(switch))
    return buffer.getvalue()


def _libraries(path: str) -> list[str]:
    listing = subprocess.run(["ldd", path], check=True, capture_output=True, text=True).stdout
    return re.findall(r"(/\S+)(?= \(0x)", listing)


def ensure(api) -> str:
    if not api.images(name=NAME):
        api.import_image_from_data(archive(), repository=NAME, tag="latest")
    return NAME
