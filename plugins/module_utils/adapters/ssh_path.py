# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SSH connection that this session came in by, learned from the processes above: sudo strips the variable, its parents keep it."""
from __future__ import annotations

import os
import typing as t

VARIABLE = b"SSH_CONNECTION="


def port() -> t.Optional[int]:
    """:returns: the server's port, or C(None) where no SSH connection leads here"""
    found = ends()
    return int(found[3]) if found else None


def ends() -> t.Tuple[str, ...]:
    """:returns: client address and port, server address and port; empty where no SSH connection leads here"""
    process = os.getpid()
    while process > 1:
        found = _ends_in(_read("/proc/%d/environ" % process))
        if found:
            return found
        process = _parent(process)
    return ()


def _ends_in(environment: bytes) -> t.Tuple[str, ...]:
    for entry in environment.split(b"\0"):
        parts = entry[len(VARIABLE):].decode("ascii", "replace").split()
        if entry.startswith(VARIABLE) and len(parts) == 4 and parts[3].isdigit():
            return tuple(parts)
    return ()


def _parent(process: int) -> int:
    # The name in parentheses may hold anything, so count from the last parenthesis.
    fields = _read("/proc/%d/stat" % process).rpartition(b")")[2].split()
    return int(fields[1]) if len(fields) > 1 else 0


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except OSError:
        return b""
