# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The firewall's part of the benchmark: what is measured, and where it is told."""
from __future__ import annotations

import subprocess

from . import page, room, scale


def measure(options) -> dict:
    try:
        table = [scale.measure(rules, 0, options.repeat, peer=True) for rules in options.rules]
        table.append(scale.measure(options.large, scale.ADDRESSES, options.repeat, peer=False))
    finally:
        room.remove()
    return {"facts": {"nft": version("nft"), "iptables": version("iptables")}, "medians": table}


def text(figures: dict) -> str:
    return page.text(figures["medians"], figures["facts"])


def plot(figures: dict, path) -> None:
    page.plot(figures["medians"], path)


def version(command: str) -> str:
    """:returns: the number, and iptables' variant"""
    words = subprocess.run([command, "--version"], capture_output=True, text=True, check=True).stdout.split()
    return " ".join([words[1], *(word for word in words[2:] if command == "iptables")])
