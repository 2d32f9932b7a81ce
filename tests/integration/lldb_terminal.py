#!/usr/bin/env python3
"""lldb_terminal - the commands in an LLDB that has a terminal: Ctrl-C.

usage: tests/integration/lldb_terminal.py [PART OF A NAME]
"""
import os
import pty
import re
import select
import signal
import sys
import time

import gdb_driver
import lldb_driver
from gdb_driver import ATTACHED, PATIENCE, expect
from lldb_driver import Facts, PROMPT

SHORT = "scalene sample 3 --interval 1000 --quiet"
LONG = "scalene sample 1000000 --interval 1000 --quiet"


class Terminal:
    """LLDB on a pseudo-terminal. What it has printed since the last command is `text`."""

    def __init__(self, target):
        target.output = target.debugger = self
        self.target, self.text = target, ""
        argv, _, _ = target.lldb_argv()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ["TERM"] = "dumb"
            os.execv(argv[0], argv)
        self.read(r"Architecture set to[^\n]*\n[^\n]*" + re.escape(PROMPT))
        self.facts()

    def read(self, pattern):
        end = time.monotonic() + PATIENCE
        while not re.search(pattern, self.text):
            left = end - time.monotonic()
            expect(left > 0 and select.select([self.fd], [], [], left)[0], "LLDB does not print %r", pattern)
            try:
                self.text += os.read(self.fd, 65536).decode("utf-8", "replace").replace("\r", "")
            except OSError:
                expect(False, "LLDB has ended")
        return gdb_driver.Output(self.text, 0)

    def send(self, line):
        self.text = ""
        os.write(self.fd, line.encode() + b"\n")

    def command(self, line, pattern):
        """A command whose output has the pattern, up to the next prompt."""
        self.send(line)
        return self.read("(?s)" + pattern + r".*\n" + re.escape(PROMPT) + "$")

    def facts(self):
        path = self.target.script("facts", "grep -hE '^(State|SigPnd|ShdPnd)' /proc/%d/task/*/status" % self.target.pid)
        threads = self.command("thread list", r"\* thread #\d+: tid").text
        return Facts(threads + self.command(path, "ShdPnd").text)

    def press(self, keys):
        os.write(self.fd, keys)

    def kill(self):
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            os.close(self.fd)
            self.pid = 0


def leave(t, lldb):
    lldb.send("detach")
    lldb.read(r"Process \d+ detached")
    t.runs_on()
    t.saw_nothing()
    lldb.kill()


def unharmed(t, lldb, first):
    """It stands where it stood, and the next command is not ended by what the last one has left."""
    lldb_driver.stands_as_before([first, lldb.facts()], 2)
    output = lldb.command(SHORT, "samples asked")
    expect(output.taken == [3] and not output.ended, "then taken %s: %s", output.taken, output.ended)


def ctrl_c_keeps_the_samples(t, options=""):
    lldb = Terminal(t)
    first = lldb.facts()
    for _ in range(5):
        before = t.counters["loops"]
        lldb.send(LONG + options)
        gdb_driver.wait_until("the target to run", lambda: t.counters["loops"] > before + 50)
        lldb.press(b"\x03")
        output = lldb.read(r"ended early: [^\n]*\n[^$]*" + re.escape(PROMPT) + "$")
        expect(output.taken and output.taken[0] > 0, "no samples: %s", output.text)
        expect(output.ended == ["interrupted (signal SIGINT)"], "ended early: %s", output.ended)
        unharmed(t, lldb, first)
    leave(t, lldb)


def ctrl_c_in_stop_mode(t):
    ctrl_c_keeps_the_samples(t, " --mode stop")


def ctrl_c_crosses_our_signal(t):
    """Ctrl-C about when the last sample is taken, while the report is made, or at the prompt."""
    lldb = Terminal(t)
    first = lldb.facts()
    for n in range(20):
        lldb.send("scalene sample 30 --interval 1000 --quiet")
        time.sleep(0.03 + 0.001 * n)
        lldb.press(b"\x03")
        lldb.read(r"(samples asked|no sample could|interrupted)[^$]*" + re.escape(PROMPT))
        lldb.command("", "")  # a Ctrl-C at the prompt makes another one
        unharmed(t, lldb, first)
    leave(t, lldb)


def attached(function, *words):
    return "%s/%s/%s" % (function.__name__, ATTACHED, "+".join(words)), function, (ATTACHED,) + words


TESTS = [
    attached(ctrl_c_keeps_the_samples),
    attached(ctrl_c_keeps_the_samples, "blocked"),
    attached(ctrl_c_in_stop_mode, "busy"),
    attached(ctrl_c_crosses_our_signal),
]

sys.exit(lldb_driver.main(TESTS))
