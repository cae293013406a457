# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Try on real engines what the planner for networks takes for granted, and print what was seen.

    replace_network.py                      one host of each engine in the lab (LAB_SUBNET, LAB_HOSTS)
    replace_network.py unix:///x.sock='systemctl restart docker' ...
    replace_network.py --only back_off      rows whose name holds the word
    replace_network.py --markdown FILE      the table for docs/assumptions.md
    replace_network.py --record             write expected.yml anew (read the difference before you commit it)
"""

from __future__ import annotations

import argparse
import importlib
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from assumptions.assumption import ASSUMPTIONS, Finding
from assumptions.reach import engine_at, given_engines

EXPECTED = HERE / "expected.yml"
GROUPS = (
    ("rows_network_mode", "How a container names its network"),
    ("rows_back_off", "Containers in restart back-off"),
    ("rows_stopped", "Stopped containers"),
    ("rows_other_states", "Never started, paused, sharing a namespace"),
    ("rows_addresses", "Addresses, names, subnets"),
    ("rows_effects", "Ports, interfaces, routes"),
    ("rows_mac", "MAC addresses"),
    ("rows_names", "Aliases and links"),
    ("rows_options", "Driver options and gateways"),
    ("rows_inspect", "What inspect shows"),
    ("rows_restart", "The engine restarting in the middle"),
)


def rows(only=""):
    for module, _title in GROUPS:
        importlib.import_module("assumptions." + module)
    return [each for each in ASSUMPTIONS if only in each.name]


def try_engine(reached, chosen, say=lambda text: None):
    """{row: Finding} for one engine; what a row leaves behind goes before the next."""
    found = {}
    with reached as engine:
        engine.clean()
        for row in chosen:
            try:
                found[row.name] = row.attempt(engine)
            except Exception:  # a trial that breaks is a finding of its own; the others still say what they see
                found[row.name] = Finding(False, "the trial broke: " + traceback.format_exc(limit=-1).strip().splitlines()[-1])
            finally:
                engine.clean()
            say("%s %s: %s" % (engine.release, row.name, found[row.name].seen))
        return engine.release, found


def try_all(reached, chosen, say=lambda text: None):
    with ThreadPoolExecutor(max(1, len(reached))) as pool:
        jobs = [pool.submit(try_engine, each, chosen, say) for each in reached]
        return dict(sorted((job.result() for job in jobs), key=lambda item: [int(part) for part in item[0].split(".")]))


def expected():
    return yaml.safe_load(EXPECTED.read_text(encoding="utf-8")) if EXPECTED.exists() else {}


def record(results):
    known = expected()
    for release, found in results.items():
        known.setdefault(release, {}).update({name: {"holds": each.holds, "seen": each.seen} for name, each in found.items()})
    text = yaml.safe_dump(known, sort_keys=True, width=140, allow_unicode=True)
    EXPECTED.write_text("---\n# Written by replace_network.py --record, from real engines.\n" + text, encoding="utf-8")


def markdown(results, chosen):
    """One table per group: the statement, and per engine whether it holds and what was seen."""
    lines = []
    for module, title in GROUPS:
        part = [row for row in chosen if row.attempt.__module__ == "assumptions." + module]
        if not part:
            continue
        lines += ["", "### " + title, "", "| assumption | " + " | ".join(results) + " |", "|---" * (len(results) + 1) + "|"]
        for row in part:
            cells = [_cell(found[row.name]) for found in results.values()]
            lines.append("| `%s`: %s | %s |" % (row.name, row.statement, " | ".join(_merged(cells))))
    return "\n".join(lines).strip() + "\n"


def _cell(finding):
    return "%s: %s" % ("holds" if finding.holds else "**differs**", finding.seen.replace("|", "/"))


def _merged(cells):
    """A cell that repeats its left neighbour says so, which makes the differences stand out."""
    return [cell if index == 0 or cell != cells[index - 1] else "as left" for index, cell in enumerate(cells)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("engines", nargs="*", metavar="URL[=COMMAND]", help="an engine and the command that restarts it")
    parser.add_argument("--only", default="", help="rows whose name holds this")
    parser.add_argument("--markdown", type=Path, help="also write the table to this file")
    parser.add_argument("--record", action="store_true", help="write what was seen to expected.yml")
    arguments = parser.parse_args()
    chosen = rows(arguments.only)
    given = [engine_at(*each.partition("=")[::2]) for each in arguments.engines]
    results = try_all(given or given_engines(), chosen, lambda text: print(text, file=sys.stderr))
    table = markdown(results, chosen)
    print(table)
    if arguments.markdown:
        arguments.markdown.write_text(table, encoding="utf-8")
    if arguments.record:
        record(results)


if __name__ == "__main__":
    main()
