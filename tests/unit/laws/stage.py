# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every law needs: a case as data, a journal of text, faults and kills at a chosen change."""
from __future__ import annotations

from dataclasses import dataclass

import yaml

from ansible_collections.fleetnet.docker.plugins.module_utils.core import engine as core
from ansible_collections.fleetnet.docker.plugins.module_utils.core.journal import decode, encode

# The same answers, several times as fast where PyYAML was built with libyaml.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Killed(BaseException):
    """No handler of the code under test catches this, as none sees SIGKILL."""


class Fault(Exception):
    """The engine answers 500."""


class TextJournal:
    """Keeps entries as the text that would be in the file."""

    def __init__(self, types):
        self.types, self.texts, self.aside, self._read = types, {}, [], {}

    def read(self):
        return tuple(self._decoded(self.texts[name]) for name in sorted(self.texts))

    def _decoded(self, text):
        if text not in self._read:
            self._read[text] = decode(text, self.types)
        return self._read[text]

    def write(self, entry):
        self.texts[entry.name] = encode(entry)

    def clear(self, entry):
        self.texts.pop(entry.name, None)

    def set_aside(self, entry):
        self.aside.append(self.texts[entry.name])
        return "aside"


@dataclass(frozen=True)
class Case:
    """One folder of tests/unit/cases/<kind>, with the module's parameters as Ansible hands them over."""

    home: object
    name: str
    params: dict
    observed: dict
    expected: dict

    def __str__(self):
        return self.name


def read_cases(home):
    cases = []
    for folder in sorted(path for path in home.CASES.iterdir() if path.is_dir()):
        desired, observed, expected = (yaml.load((folder / name).read_text(), LOADER) for name in
                                       ("desired.yml", "observed.yml", "plan.yml"))
        cases.append(Case(home, folder.name, home.completed(desired), observed or {}, expected))
    return cases


class Stage:
    """A case ready to run: the engine, its world and the journal live on from run to run, as on a host."""

    def __init__(self, case):
        self.case, self.home = case, case.home
        self.engine = self.home.engine(case.observed)
        self.journal = TextJournal(self.home.JOURNAL_TYPES)
        self.changes = 0

    def world(self):
        return self.home.ModelWorld(self.engine, self.home.routes(self.case.observed), self.home.links(self.case.observed))

    def run(self, params=None, check=False, world=None):
        desired = self.home.KIND.desired(params or self.case.params)
        return core.converge(self.home.KIND, desired, world or self.world(), self.journal, check=check)

    def portrait(self):
        return self.home.portrait(self.engine)

    def count(self):
        """Count the changes from now on."""
        self.changes = 0
        self._watch(lambda number: None, "before_change")
        return self

    def disturb(self, when, numbers, trouble):
        """Raise C(trouble) C(when) ("before_change" or "after_change") each of the changes of these numbers."""
        self.changes = 0

        def act(number):
            if number in numbers:
                raise trouble("injected %s number %d" % (when, number))

        self._watch(act, when)
        return self

    def calm(self):
        self.engine.before_change = self.engine.after_change = lambda what: None
        return self

    def _watch(self, act, when):
        def begin(_what):
            self.changes += 1
            if when == "before_change":
                act(self.changes)

        self.engine.before_change = begin
        self.engine.after_change = (lambda _what: act(self.changes)) if when == "after_change" else lambda _what: None
