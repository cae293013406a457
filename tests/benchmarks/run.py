# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole runs, ours and a peer's side by side on this machine.

Writes networks, firewall and macvlan_parent, each as .md, .json and .svg, under docs/benchmarks/; no figure there is written by hand.
"""
from __future__ import annotations

import argparse
import datetime
import json
import os
import pathlib
import platform
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGET = ROOT / "docs" / "benchmarks"
sys.path.insert(0, str(ROOT / "tests"))

from firewall import report as firewall
from macvlan_parent import report as macvlan_parent
from networks import report as networks

SUBJECTS = {"networks": networks, "firewall": firewall, "macvlan_parent": macvlan_parent}


def numbers(text: str) -> list:
    return sorted(int(number) for number in text.split(","))


def facts(repeat: int) -> dict:
    from ansible import release
    return {"date": datetime.date.today().isoformat(), "ansible": release.__version__, "python": platform.python_version(),
            "cores": os.cpu_count(), "repeat": repeat}


def write(folder: pathlib.Path, name: str, subject, options) -> None:
    figures = subject.measure(options)
    figures["facts"] = {**facts(options.repeat), **figures["facts"]}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / (name + ".md")).write_text(subject.text(figures), encoding="utf-8")
    (folder / (name + ".json")).write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    subject.plot(figures, folder / (name + ".svg"))
    print("\nwritten: %s.md, .json and .svg in %s" % (name, folder), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=sorted(SUBJECTS), help="one of them")
    parser.add_argument("--counts", type=numbers, default="1,10,50,100", help="of networks")
    parser.add_argument("--endpoints", type=int, default=20)
    parser.add_argument("--rules", type=numbers, default="10,50,200", help="of the firewall")
    parser.add_argument("--large", type=int, default=1000, help="rules beside a set of 10,000 addresses, without the peer")
    parser.add_argument("--parents", type=numbers, default="1,10,50", help="of macvlan_parent")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--output", type=pathlib.Path, default=TARGET, help="another folder, for a trial")
    options = parser.parse_args()
    for name in [options.only] if options.only else SUBJECTS:
        write(options.output, name, SUBJECTS[name], options)


if __name__ == "__main__":
    main()
