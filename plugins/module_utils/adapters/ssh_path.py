# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The port that this session's SSH connection came in by, learned from the processes above: sudo strips the variable, its parents keep it."""
from __future__ import annotations

import os
import typing as t

VARIABLE = b"SSH_CONNECTION="


def port() -> t.Optional[int]:
    """:returns: the server's port, or C(None) where no SSH connection leads here"""
    process = os.getpid()
    while process > 1:
        found = _port_in(_read("/proc/%d/environ" % process))
        if found:
            return found
        process = _parent(process)
    return None


def _port_in(environment: bytes) -> t.Optional[int]:
    for entry in environment.split(b"\0"):
        parts = entry[len(VARIABLE):].split()
        if entry.startswith(VARIABLE) and len(parts) == 4 and parts[3].isdigit():
            return int(parts[3])
    return None


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
