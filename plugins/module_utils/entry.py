# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The only place that knows AnsibleModule, and the only one that reads its check mode."""
from __future__ import annotations

import traceback
import typing as t

from ansible.module_utils.basic import AnsibleModule

from .core.engine import converge, no_lock
from .core.errors import ConvergeError, FleetError, NotConverged

# Of a list in the parameters; each more costs time on both sides, and is in the user's own files.
SHOWN = 50


def run(argument_spec: t.Mapping, kind, wire: t.Callable, facts: t.Callable, **module_options) -> None:
    """Bring about what the parameters say, and tell.

    :param wire: parameters -> (world, journal, lock)
    :param facts: (parameters, world, outcome, whether nothing was executed) -> what the module returns besides
    """
    module = AnsibleModule(argument_spec=dict(argument_spec), supports_check_mode=True, **module_options)
    with _told(module):
        desired = kind.desired(module.params)
        world, journal, lock = wire(module.params)
        outcome = converge(kind, desired, world, journal, lock or no_lock, check=module.check_mode)
        for line in outcome.plan.warnings + outcome.notes:
            module.warn(line)
        result = dict(
            changed=outcome.changed,
            actions=[str(step) for step in outcome.plan.steps],
            impact=list(outcome.plan.impact),
            reasons=list(outcome.plan.reasons),
        )
        if module._diff:
            result["diff"] = dict(before=outcome.plan.before, after=outcome.plan.after)
        result.update(facts(module.params, world, outcome, module.check_mode))
        if "diff" in result and result["impact"]:
            # What Ansible prints below the two sides; else only -v would show who loses what.
            result["diff"]["prepared"] = "".join("impact: %s\n" % line for line in result["impact"])
        module.exit_json(invocation=dict(module_args=_abridged(module.params)), **result)


def _abridged(value: t.Any) -> t.Any:
    """What is shown with -vvv of the parameters: long lists by their number of elements."""
    if isinstance(value, dict):
        return {name: _abridged(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_abridged(inner) for inner in value] if len(value) <= SHOWN else "%d elements" % len(value)
    return value


def inform(argument_spec: t.Mapping, read: t.Callable, **module_options) -> None:
    """For C(_info) modules.

    :param read: parameters -> what the module returns
    """
    module = AnsibleModule(argument_spec=dict(argument_spec), supports_check_mode=True, **module_options)
    with _told(module):
        module.exit_json(changed=False, **read(module.params))


class _told:
    """Every failure as one sentence, with whose fault it is; only a bug shows a traceback."""

    def __init__(self, module):
        self._module = module

    def __enter__(self):
        return self

    def __exit__(self, kind, reason, trace):
        if isinstance(reason, ConvergeError):
            self._module.fail_json(
                msg=str(reason),
                changed=bool(reason.applied) or reason.rolled_back != "true",
                fault=reason.fault,
                rolled_back=reason.rolled_back,
                left_over=list(reason.left_over),
                applied=list(reason.applied),
                failed_group=reason.transaction,
                not_begun=list(reason.not_begun),
            )
        if isinstance(reason, FleetError):
            # Where all was done, and then somebody else changed it, something did change.
            self._module.fail_json(msg=str(reason), changed=isinstance(reason, NotConverged), fault=reason.fault, **reason.facts)
        if isinstance(reason, Exception):
            self._module.fail_json(
                msg="This is a bug in fleetnet.docker (%s: %s); please report it." % (type(reason).__name__, reason),
                fault="bug",
                exception="".join(traceback.format_exception(kind, reason, trace)),
            )
        return False
