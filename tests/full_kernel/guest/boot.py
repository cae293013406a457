# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run tests/full_kernel in a guest: user-mode Linux, or a throw-away world where the machine's own kernel has everything.

    boot.py short|whole [PYTEST ARGUMENT...]

FLEETNET_GUEST (uml or world) overrides the choice.
"""
from __future__ import annotations

import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree as xml
from concurrent.futures import ThreadPoolExecutor

ROOT = pathlib.Path(__file__).resolve().parents[3]
HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(ROOT / "molecule" / "lab"), str(HERE.parent)]
import guest
import images
import machine

# For guests that hang; an idle machine with two processors takes a third of it, and in ./dev test other stages run beside them.
LIMIT = {"fill": 600, "short": 900, "whole": 1800}
# The example takes about as long as all the others.
EXAMPLE = "test_example.py"
JUNIT = ROOT / "tests" / "output" / "junit"
MEMORY = "3G"
STARTED: list = []


def quick_place(needed):
    """Memory, where there is enough: the guest's own memory is a file, and databases wait for the disk after each write."""
    memory = pathlib.Path("/dev/shm")
    fits = memory.is_dir() and shutil.disk_usage(str(memory)).free > 2 * needed and not os.statvfs(str(memory)).f_flag & os.ST_NOEXEC
    return str(memory) if fits else "/var/tmp"


def user_mode_linux(root, task, output, disk):
    binary = shutil.which("linux.uml")
    command = [binary, "mem=" + MEMORY, "root=/dev/root", "rootfstype=hostfs", "rootflags=%s" % root, "ro", "ubd0=%s" % disk]
    command += ["init=/usr/local/sbin/first-process", "quiet", "loglevel=3", "con=null", "con0=null,fd:1"]
    command += ["FLEETNET_GUEST=uml", "FLEETNET_TASK=" + task, "FLEETNET_PROJECT=%s" % ROOT, "FLEETNET_OUTPUT=%s" % output]
    return command, dict(os.environ, LD_PRELOAD=str(root / "usr/local/lib/uml-xstate.so"), TMPDIR=quick_place(4 << 30))


def world(root, task, output, store):
    command = ["unshare", "--mount", "--net", "--pid", "--ipc", "--uts", "--fork", "--kill-child"]
    command += ["sh", str(HERE / "world.sh"), str(root), str(ROOT), str(output), str(store)]
    return command, dict(os.environ, FLEETNET_GUEST="world", FLEETNET_TASK=task)


def follow(command, environment, limit, log, show=True):
    """Run it, show what it says, and end it, and all that it started, after the limit. :returns: whether it ended by itself"""
    process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               start_new_session=True)
    STARTED.append(process.pid)
    ended = []
    alarm = threading.Timer(limit, lambda: (ended.append(True), os.killpg(process.pid, signal.SIGKILL)))
    alarm.start()
    try:
        with log.open("wb") as stream:
            # Not line by line: the name of a test is told when it begins, its result in the same line when it ends.
            for piece in iter(lambda: os.read(process.stdout.fileno(), 65536), b""):
                stream.write(piece)
                stream.flush()
                if show:
                    sys.stdout.write(piece.decode(errors="replace"))
                    sys.stdout.flush()
        process.wait()
    finally:
        alarm.cancel()
        end(process.pid)
    return not ended


def end(leader):
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        pass


def give_up(*_signal):
    """Guests are followed by threads, which an exception here would not reach."""
    for leader in STARTED:
        end(leader)
    os._exit(143)


def attempt(make, root, task, output, disk, limit, number=0):
    """:param number: what the guests after the first say is shown when they have ended

    :returns: the exit code that the guest left
    """
    (output / "exit").unlink(missing_ok=True)
    command, environment = make(root, task, output, disk)
    log = images.CACHE / "logs" / ("kernel-%s%s.log" % (task, number or ""))
    log.parent.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    alone = follow(command, environment, limit, log, not number)
    if number:
        images.say(log.read_text(encoding="utf-8", errors="replace"))
    images.say("  guest: ended after %d s" % (time.monotonic() - started))
    if not alone:
        raise images.Failure("the guest did not finish within %g s and was ended; its last line above, and %s, say where it was." % (limit, log))
    try:
        return int((output / "exit").read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        raise images.Failure("the guest ended without a result; the end of %s says why." % log) from None


def filled(make, root, archive):
    """The engine's and the registry's data with the example's images in it: a disk, or a directory."""
    kind = "disk" if make is user_mode_linux else "store"

    def fill(half):
        if kind == "disk":
            with half.open("wb") as stream:
                stream.truncate(8 << 30)
            subprocess.run(["mkfs.ext4", "-q", "-F", "-O", "^has_journal", str(half)], check=True)
        else:
            half.mkdir()
        images.say("Putting the example's images on the guest's %s, once" % kind)
        if attempt(make, root, "fill", archive, half, LIMIT["fill"]):
            raise images.Failure("the images could not be loaded in the guest; the lines above say why.")

    return guest.finished(guest.PLACE / (kind + "-" + guest.digest(archive.name)), fill)


def fresh(base, directory):
    """What one run may write: a layer over the disk, or a copy of the directory."""
    if base.is_dir():
        copy = directory / "store"
        subprocess.run(["cp", "--archive", "--reflink=auto", str(base), str(copy)], check=True)
        return copy
    return "%s,%s" % (directory / "changes", base)


def choose():
    """:returns: how to run, or why it cannot be done here"""
    missing = [reason for reason in map(machine.lacks, machine.TRIALS) if reason]
    wanted = os.environ.get("FLEETNET_GUEST") or ("uml" if missing else "world")
    if wanted == "world":
        images.say("The tests run on the machine's own kernel, in a world of their own.")
        return world, ""
    for reason in missing:
        images.say("  " + reason)
    reason = ""
    if not shutil.which("linux.uml"):
        reason = "user-mode-linux is not installed and cannot be had from this distribution's packages"
    elif not guest.kernel_modules():
        reason = "user-mode-linux has no modules in %s" % guest.MODULES
    if not reason:
        return user_mode_linux, ""
    if not os.environ.get("FLEETNET_GUEST") and len(missing) < len(machine.TRIALS):
        images.say("The tests run on the machine's own kernel, and those that need what it lacks are skipped: %s." % reason)
        return world, ""
    return None, reason


def skip(reason, junit):
    images.say("test-kernel: skipped: %s." % reason)
    junit.write_text('<?xml version="1.0" encoding="utf-8"?>\n<testsuites><testsuite name="kernel" tests="1" skipped="1" failures="0" '
                     'errors="0"><testcase classname="tests.full_kernel" name="all"><skipped message="%s"/></testcase></testsuite>'
                     "</testsuites>\n" % reason, encoding="utf-8")
    return 0


def shares(make, arguments):
    """:returns: what each guest is to try: a guest has one processor, so two of them take half the time where there are two"""
    available = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    if arguments or make is not user_mode_linux or (os.cpu_count() or 1) < 2 or available < 8 << 30:
        return [arguments or ["tests/full_kernel"]]
    files = sorted(path.name for path in HERE.parent.glob("test_*.py") if path.name != EXAMPLE)
    return [["tests/full_kernel/" + name for name in names] for names in ([EXAMPLE], files)]


def one(make, root, base, chosen, limit, number):
    """:returns: the guest's exit code, and the suites of its JUnit file"""
    with tempfile.TemporaryDirectory(prefix="fleetnet-kernel-", dir=quick_place(3 << 30)) as place:
        output = pathlib.Path(place) / "output"
        output.mkdir()
        (output / "arguments").write_text("".join(word + "\n" for word in chosen), encoding="utf-8")
        try:
            code = attempt(make, root, "test", output, fresh(base, pathlib.Path(place)), limit, number)
        finally:
            for log in output.glob("*.log"):
                shutil.copy(str(log), str(images.CACHE / "logs" / ("kernel-%s%s" % (number or "", log.name))))
        result = output / "junit.xml"
        return code, list(xml.parse(str(result)).getroot()) if result.exists() else []


def settled(make, root, base, chosen, limit, number):
    """As C(one); a guest that comes to no result is a failure by its name, and takes nobody else's result away."""
    try:
        return one(make, root, base, chosen, limit, number)
    except images.Failure as failure:
        name = "guest %d (%s)" % (number, " ".join(chosen))
        images.say("test-kernel: %s: %s" % (name, failure))
        suite = xml.Element("testsuite", name="kernel", tests="1", failures="1", errors="0", skipped="0")
        xml.SubElement(xml.SubElement(suite, "testcase", classname="tests.full_kernel", name=name), "failure", message=str(failure))
        return 1, [suite]


def main(extent, arguments):
    junit = JUNIT / "kernel.xml"
    junit.parent.mkdir(parents=True, exist_ok=True)
    junit.unlink(missing_ok=True)
    make, reason = choose()
    if make is None:
        return skip(reason, junit)
    root, archive = guest.ensure()
    base = filled(make, root, archive)
    chosen = [words + (["-m", "not whole"] if extent == "short" else []) for words in shares(make, arguments)]
    with ThreadPoolExecutor(len(chosen)) as pool:
        ended = list(pool.map(lambda number: settled(make, root, base, chosen[number], LIMIT[extent], number), range(len(chosen))))
    together = xml.Element("testsuites")
    together.extend([suite for _code, suites in ended for suite in suites])
    xml.ElementTree(together).write(str(junit), encoding="utf-8", xml_declaration=True)
    return max(code for code, _suites in ended)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, give_up)
    try:
        sys.exit(main(sys.argv[1], sys.argv[2:]))
    except images.Failure as failure:
        sys.exit("test-kernel: %s" % failure)
