# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the engine tells nobody about a membership, read from its own files where this user may.

The engine's API shows neither the listen and data path addresses nor, on workers, the swarm's certificate.
"""
from __future__ import annotations

import hashlib
import json
import os
import re
import typing as t

from ..values.swarm import Address, Addresses

CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n?", re.DOTALL)


def fixed(folder: str) -> Addresses:
    """:param folder: the engine's data folder

    :returns: what the host said when it entered; all C(None) where it cannot be read
    """
    try:
        with open(os.path.join(folder, "swarm", "docker-state.json"), encoding="utf-8") as handle:
            state = json.load(handle)
    except (OSError, ValueError):
        return Addresses()
    # A member that gave no data path address has none in the file: traffic takes the advertised one.
    data_path = state.get("DataPathAddr") or state.get("AdvertiseAddr") or state.get("LocalAddr")
    return Addresses(_address(state.get("AdvertiseAddr")), _address(state.get("ListenAddr")), _host(data_path))


def roots(folder: str) -> t.Tuple[str, ...]:
    try:
        with open(os.path.join(folder, "swarm", "certificates", "swarm-root-ca.crt"), encoding="utf-8") as handle:
            return digests(handle.read())
    except (OSError, UnicodeDecodeError):
        return ()


def digests(bundle: str) -> t.Tuple[str, ...]:
    """SHA-256 of the bundle and, while a rotation is under way, of each certificate in it."""
    texts = [bundle] + CERTIFICATE.findall(bundle)
    return tuple(sorted({hashlib.sha256(text.encode("utf-8")).hexdigest() for text in texts if text}))


def _address(text: t.Optional[str]) -> t.Optional[Address]:
    host, _colon, port = (text or "").rpartition(":")
    return Address(host.strip("[]"), int(port)) if host and port.isdigit() else None


def _host(text: t.Optional[str]) -> t.Optional[Address]:
    found = _address(text)
    if text and text.count(":") > 1 and not text.startswith("["):
        return Address(text)
    return Address(found.host) if found else Address(text) if text else None
