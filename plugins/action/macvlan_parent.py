# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parents, safe from afar: a change that may cut the way to the host is tried behind a roll-back timer, and confirmed by a new connection."""
from __future__ import annotations

import time

from ansible.errors import AnsibleConnectionFailure
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase

from ansible_collections.fleetnet.docker.plugins.plugin_utils.confirmation import MARGIN_SECONDS, Confirmation, Refused

MODULE = "fleetnet.docker.macvlan_parent"
OWN_SPEC = dict(rollback_after=dict(type="int", default=30))
CUT = "the host could not be reached while it was in force"


class ActionModule(ActionBase):
    """The module says whether anything has to be confirmed; where nothing has, this is one call of it and no more."""

    _requires_connection = True
    _supports_async = True

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        args = dict(self._task.args)
        confirmation = Confirmation(self, "macvlan_parent", task_vars)
        try:
            after = _rollback_after(args)
            if after and confirmation.proves:
                confirmation.refuse(self._task, after, ())
        except Refused as reason:
            return dict(result, failed=True, msg=str(reason), fault="input")
        if not after or not confirmation.proves or args.get("confirm"):
            return dict(result, **self._execute_module(module_name=MODULE, module_args=args, task_vars=task_vars,
                                                       wrap_async=self._task.async_val))
        begun = time.monotonic()
        tried = self._stage("try", args, task_vars)
        if tried.get("failed") or not tried.get("unconfirmed"):
            return dict(result, **tried)
        return dict(result, **self._confirmed(confirmation, begun + after, tried, args, task_vars))

    def _confirmed(self, confirmation, until, tried, args, task_vars):
        try:
            # The answer of a host that was cut off arrives when the host is back.
            if time.monotonic() > until - MARGIN_SECONDS:
                raise Refused(CUT)
            confirmation.confirm(tried["path"], (), until - MARGIN_SECONDS)
            done = self._stage("confirm", args, task_vars)
        except (Refused, AnsibleConnectionFailure) as reason:
            rolled_back, became = confirmation.give_up(tried["pending"], until)
            return dict(tried, failed=True, fault="input", changed=rolled_back != "true", rolled_back=rolled_back,
                        msg="The change was not confirmed: %s; %s." % (str(reason).rstrip("."), became))
        if done.get("failed"):
            return confirmation.ended(done, tried["pending"], until)
        return dict(done, changed=True, actions=tried["actions"] + done["actions"], impact=tried["impact"], reasons=tried["reasons"],
                    **{key: tried[key] for key in ("diff",) if key in tried},
                    warnings=list(dict.fromkeys(tried.get("warnings", []) + done.get("warnings", []))))

    def _stage(self, stage, args, task_vars):
        return self._execute_module(module_name=MODULE, module_args=dict(args, confirm=stage), task_vars=task_vars)


def _rollback_after(args):
    """:raises Refused: with what the module's rules say"""
    checked = ArgumentSpecValidator(OWN_SPEC).validate({name: args[name] for name in OWN_SPEC if args.get(name) is not None})
    if checked.error_messages:
        raise Refused("; ".join(checked.error_messages))
    return checked.validated_parameters["rollback_after"]
