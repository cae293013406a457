# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is tried, what is confirmed, and the way back from there: the timer takes back links, routes and records, the run all other files."""
from __future__ import annotations

import typing as t
from dataclasses import replace

from ...core.plan import Step, Transaction
from ...values.hostfile import File
from ...values.link import Link
from .record import FOLDER, parse, render
from .state import Observed, State
from .steps import transactions
from .target import believed


def trying(aim: State, observed: Observed) -> State:
    """Files stay as they are, or as they were before a run that was stopped; only records are written."""
    had = believed(observed)
    coming = {file.path: _claiming(file, had) for file in aim.files if file.path.startswith(FOLDER)}
    files = {path: coming.get(path) or had.file(path) for path in sorted(aim.paths)}
    return replace(aim, files=tuple(file for file in files.values() if file), no_files=tuple(path for path in files if not files[path]), timer="armed")


def _claiming(file: File, had: Observed) -> File:
    """The record of what is tried has the files of the former one, too: confirmed, it takes away those that are no more wanted."""
    record, former = parse(file), had.file(file.path)
    more = tuple(path for path in (parse(former).files if former else ()) if path not in record.files)
    return render(replace(record, files=record.files + more))


def confirming(aim: State, observed: Observed) -> t.Tuple[Transaction, ...]:
    """Links and routes are as they were tried; where the timer is faster after all, nobody must bring them back, nor their records. So these
    lose files that are gone in a transaction of their own, when no timer runs that would write them too.
    """
    records = tuple(file for file in aim.files if file.path.startswith(FOLDER))
    files = State(parents=aim.parents, files=tuple(file for file in aim.files if file not in records), no_files=aim.no_files, timer="off")
    near = _near(aim.parents, observed)
    return tuple(replace(part, before=replace(part.before, tried=near)) for state in (files, State(parents=aim.parents, files=records))
                 for part in transactions([state], observed))


def _near(parents: t.Collection[str], observed: Observed) -> State:
    """All links and routes that a change of these parents can touch."""
    links = tuple(link for link in observed.links if link.name in parents or link.parent in parents)
    return State(parents=tuple(parents), links=links, routes=tuple(route for link in links for route in observed.routes_on(link.name)))


def taken_back(before: State, observed: Observed) -> bool:
    """:param before: the way back of a transaction; :returns: whether what it confirmed was not confirmed, but the timer has fired"""
    return bool(before.tried) and not observed.pending and _near(before.tried.parents, observed) != before.tried


def stays(before: State, observed: Observed) -> t.Tuple[Step, ...]:
    """:returns: what is left to do where the timer was disarmed, and nobody knows any more what it would have put back: no run can do it"""
    if not before.tried or observed.pending or taken_back(before, observed):
        return ()
    return tuple(Step(Link(name), Link(name), "take back what was tried on") for name in before.parents)
