# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change that may cut the way it came by: try it behind a timer on the host, come in anew, then confirm.

Says nothing about what is changed. An action plugin gives the module, which knows the stages try, confirm and whole.
"""
from __future__ import annotations

import base64
import ipaddress
import json
import shlex
import time
import typing as t

from ansible.errors import AnsibleConnectionFailure, AnsibleError
from ansible.plugins.loader import connection_loader

from . import probe

FOLDER = "/run/fleetnet/rollback"
PROVING = ("ssh", "paramiko", "paramiko_ssh", "libssh")  # names of connection plugins, whatever their collection
PROBE_SECONDS = 2.0
MARGIN_SECONDS = 3.0
LATER_SECONDS = 30.0
AGAIN_SECONDS = 1.0
SHORTEST, LONGEST = 5, 3600
BACK = "; everything is back as it was"  # so ends what a module says whose way back was whole


class Refused(Exception):
    """What was asked for cannot be confirmed, or was not."""


def inside(path: t.Sequence[str]) -> bool:
    """Whether an SSH connection goes by the loopback interface, as it does to any of the host's own addresses."""
    try:
        client, _port, server, _own_port = path
        ends = [ipaddress.ip_address(text.partition("%")[0]) for text in (client, server)]
    except ValueError:  # without a socket of its own, sshd says UNKNOWN
        return False
    return ends[0] == ends[1] or any(end.is_loopback for end in ends)


class Confirmation:
    """:param action: the action plugin at work; :param name: of the timer on the host"""

    def __init__(self, action, name: str, task_vars: t.Mapping[str, t.Any]):
        self._action, self._name, self._vars = action, name, task_vars

    @property
    def _connection(self):
        return self._action._connection

    @property
    def proves(self) -> bool:
        """Whether a new connection of Ansible's goes through what is changed."""
        return self._connection.transport.rpartition(".")[2] in PROVING

    def path(self) -> t.Tuple[str, ...]:
        """:returns: client address and port, server address and port of the SSH connection, before anybody becomes root"""
        return tuple(self._run('printf %s "$SSH_CONNECTION"', False).split())

    def refuse(self, task, after: int, probes: t.Sequence) -> None:
        """:raises Refused: for what could never be confirmed"""
        if task.async_val:
            raise Refused("async is refused: the task would run on alone, and nobody would come back to confirm the change; leave async and "
                          "poll out.")
        if after and not SHORTEST <= after <= LONGEST:
            raise Refused("rollback_after is %d; give %d to %d seconds, or 0 to trust the change." % (after, SHORTEST, LONGEST))
        if after and not probes and not self.proves:
            raise Refused("The connection %s does not go through what is changed, so it proves nothing; give confirm_probes, or "
                          "rollback_after 0 to trust the change." % self._connection.transport)

    def refuse_path(self, path: t.Sequence[str], after: int, probes: t.Sequence) -> None:
        """:raises Refused: for a connection that would come back whatever was changed"""
        if after and not probes and inside(path):
            raise Refused("The SSH connection from %s to %s does not leave the host, so it proves nothing; give confirm_probes, or rollback_after 0 "
                          "to trust the change." % (path[0], path[2]))

    def confirm(self, before: t.Sequence[str], probes: t.Sequence[t.Mapping], until: float) -> None:
        """:param before: the path by which the change was made; :param until: on the monotonic clock

        :raises Refused: when the change may not stay
        """
        if self.proves and not inside(before):
            self._come_in_anew(before, until)
        wrong = [line for place in sorted({row["from"] for row in probes})
                 for line in self._probe(place, [row for row in probes if row["from"] == place], until)]
        if wrong:
            raise Refused("under the new rules " + "; ".join(wrong))

    def _come_in_anew(self, before, until):
        last = ""
        while True:
            try:
                self._connection.reset()
                path = self.path()
                break
            except AnsibleError as reason:
                last = " ".join(str(reason).split())
            if time.monotonic() > until:
                raise Refused("the host can no longer be reached by a new connection (%s)" % last[:300])
            time.sleep(AGAIN_SECONDS)
        if not path or tuple(path) == tuple(before):
            raise Refused("no new connection could be made, because something else than Ansible holds the old one open (ControlMaster in "
                          "ssh_config), and the old one proves nothing")

    def _probe(self, place, rows, until):
        probes = [(row["host"], row["port"], row["expect"]) for row in rows]
        patience = max(0.0, until - time.monotonic() - PROBE_SECONDS)
        if place == "controller":
            return [line + " from the controller" for line in probe.judge(probes, PROBE_SECONDS, patience)]
        try:
            return ["%s from %s" % (line, place) for line in self._probe_from(place, probes, patience)]
        except (AnsibleError, ValueError, LookupError) as reason:
            return ["%s cannot be asked to probe (%s)" % (place, " ".join(str(reason).split())[:300])]

    def _probe_from(self, place, probes, patience):
        known = self._vars["hostvars"]
        if place not in known:
            raise LookupError("no such host in the inventory")
        python = known[place].get("ansible_python_interpreter") or "python3"
        text = base64.b64encode(probe.script(probes, PROBE_SECONDS, patience).encode()).decode()
        connection = self._connection_to(place, known[place])
        try:
            code, out, err = connection.exec_command(
                "%s -c %s" % (shlex.quote(python), shlex.quote("import base64; exec(base64.b64decode('%s'))" % text)), sudoable=False)
        finally:
            connection.close()
        if code:
            raise ValueError((err or out).decode("utf-8", "replace"))
        return probe.read(out.decode())

    def _connection_to(self, place, variables):
        context = self._action._play_context.copy()
        context.remote_addr = variables.get("ansible_host") or place
        context.become = False
        context.port = variables.get("ansible_port")
        kind = variables.get("ansible_connection") or "ssh"
        found = connection_loader.get(kind, context, "/dev/null", shell=None)
        found.set_options(var_options={name: variables[name] for name in variables if name.startswith("ansible_")})
        return found

    def give_up(self, token: str, until: float) -> t.Tuple[str, str]:
        """Have the change taken back at once where the host can be reached, else when the timer is due, and see that it was.

        :returns: (rolled_back, what became of it)
        """
        while time.monotonic() < until + LATER_SECONDS:
            try:
                self._run("test ! -e {0}/armed-{1} || touch {0}/now".format(self._place, token), True)
                told = self.taken_back(token)
                if told:
                    return told
            except (AnsibleError, ValueError):
                self._reset()
            time.sleep(AGAIN_SECONDS / 2)
        return "false", ("whether the host took it back could not be seen: it still cannot be reached %d s after the time was up; its log and "
                         "%s on it say more" % (LATER_SECONDS, self._place))

    def end(self, token: str, until: float) -> t.Optional[t.Tuple[str, str]]:
        """After a failure of the stage that confirms: where the timer still runs, the change is taken back now, not when it is due.

        :returns: (rolled_back, what became of it), or C(None) where the timer was disarmed, so that the change stands
        """
        told = self.taken_back(token)
        if told is None and self._run("test -e %s/armed-%s && printf armed" % (self._place, token), True):
            told = self.give_up(token, until)
        return told

    def ended(self, done: t.Mapping[str, t.Any], token: str, until: float) -> t.Dict[str, t.Any]:
        """:param done: what the stage that confirms returned when it failed

        :returns: the same, with what became of the change; the module knows only whether it put back itself what it had confirmed of it
        """
        told = self.end(token, until)
        if not told:
            return dict(done)
        became, why = told
        whole = done.get("rolled_back", "true") == "true"
        msg = "%s (%s)" % (done["msg"], why) if became == "true" else "%s; %s." % (done["msg"].replace(BACK, "").rstrip("."), why)
        return dict(done, rolled_back=became if whole or became == "false" else "partial", msg=msg,
                    changed=bool(done.get("changed")) or became != "true")

    def taken_back(self, token: str) -> t.Optional[t.Tuple[str, str]]:
        """The same, where it has happened."""
        told = json.loads(self._run("cat %s/outcome.json" % self._place, True) or "{}")
        if told.get("token") != token:
            return None
        if told["errors"]:
            return "partial", "the host tried to take it back, and failed: %s" % "; ".join(told["errors"])
        return "true", "the host took it back, and what was in force before is in force again"

    @property
    def _place(self) -> str:
        return "%s/%s" % (FOLDER, self._name)

    def _reset(self):
        try:
            self._connection.reset()
        except AnsibleError:
            pass  # the next command makes a new connection

    def _run(self, command: str, sudoable: bool) -> str:
        """:raises AnsibleConnectionFailure: when the host cannot be reached, or refuses the command"""
        done = self._action._low_level_execute_command(command, sudoable=sudoable)
        if done["rc"] == 255:
            raise AnsibleConnectionFailure(done.get("stderr") or "no connection")
        return done["stdout"] if done["rc"] == 0 else ""
