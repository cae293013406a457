# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The firewall, safe from afar: tried behind a roll-back timer, confirmed by a new connection, and only then made persistent."""
from __future__ import annotations

import time

from ansible.errors import AnsibleConnectionFailure
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase

from ansible_collections.fleetnet.docker.plugins.plugin_utils.confirmation import MARGIN_SECONDS, Confirmation, Refused

MODULE = "fleetnet.docker.firewall"
OWN_SPEC = dict(
    rollback_after=dict(type="int", default=30),
    confirm_probes=dict(type="list", elements="dict", default=[], options=dict(
        host=dict(type="str", required=True), port=dict(type="int", required=True), expect=dict(type="bool", default=True),
        **{"from": dict(type="str", default="controller")})),
)


class ActionModule(ActionBase):
    """Goes through the module's stages; what a policy means is the module's own affair."""

    _requires_connection = True
    _supports_async = True  # so that it can be refused with the reason

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        args = dict(self._task.args)
        confirmation = Confirmation(self, "firewall", task_vars)
        try:
            after, probes = _own_options(args)
            confirmation.refuse(self._task, after, probes)
            path = confirmation.path() if confirmation.proves else ()
            confirmation.refuse_path(path, after, probes)
        except Refused as reason:
            return dict(result, failed=True, msg=str(reason), fault="input")
        if len(path) == 4 and not args.get("ssh_port"):
            args["ssh_port"] = int(path[3])
        if not after:
            return dict(result, **self._stage("keep", args, task_vars))
        begun = time.monotonic()
        tried = self._stage("try", args, task_vars)
        if tried.get("failed") or not tried.get("unconfirmed"):
            return dict(result, **tried)
        return dict(result, **self._confirmed(confirmation, path, probes, begun + after, tried, args, task_vars))

    def _confirmed(self, confirmation, path, probes, until, tried, args, task_vars):
        try:
            confirmation.confirm(path, probes, until - MARGIN_SECONDS)
            done = self._stage("confirm", args, task_vars)
        except (Refused, AnsibleConnectionFailure) as reason:
            return self._taken_back(confirmation, tried, until, str(reason))
        if done.get("failed"):
            return confirmation.ended(done, tried["pending"], until)
        why = [reason for part in (tried, done) if part["changed"] for reason in part["reasons"]]
        return dict(tried, changed=tried["changed"] or done["changed"], actions=tried["actions"] + done["actions"],
                    impact=tried["impact"] + done["impact"], reasons=list(dict.fromkeys(why or tried["reasons"])), pending="", unconfirmed=False,
                    warnings=list(dict.fromkeys(tried.get("warnings", []) + done.get("warnings", []))))

    def _taken_back(self, confirmation, tried, until, reason):
        rolled_back, became = confirmation.give_up(tried["pending"], until)
        return dict(tried, failed=True, fault="input", changed=rolled_back != "true", rolled_back=rolled_back,
                    msg="The new firewall was not confirmed: %s; %s." % (reason.rstrip("."), became))

    def _stage(self, stage, args, task_vars):
        return self._execute_module(module_name=MODULE, module_args=dict(args, confirm=stage), task_vars=task_vars)


def _own_options(args):
    """:returns: (rollback_after, confirm_probes), by the module's rules

    :raises Refused: with what the rules say
    """
    checked = ArgumentSpecValidator(OWN_SPEC).validate({name: args[name] for name in OWN_SPEC if args.get(name) is not None})
    if checked.error_messages:
        raise Refused("; ".join(checked.error_messages))
    return checked.validated_parameters["rollback_after"], checked.validated_parameters["confirm_probes"]
