#!/usr/bin/env python3
"""gdb_terminal - the commands in a GDB that has a terminal: Ctrl-C and the pager.

usage: tests/integration/gdb_terminal.py [PART OF A NAME]
"""
import os
import pty
import re
import select
import signal
import sys
import time

import gdb_driver
from gdb_driver import ATTACHED, PATIENCE, STARTED, expect, stands_as_before

PROMPT = b"(gdb) "
SHORT = "scalene sample 3 --interval 1000 --quiet"
LONG = "scalene sample 1000000 --interval 1000 --quiet"


class Terminal:
    """GDB on a pseudo-terminal. What it has printed since the last command is `text`."""

    def __init__(self, target, *commands):
        target.output = target.debugger = self
        self.text, self.raw = "", b""
        argv = target.argv(*commands, batch=False, first=["set style enabled off", "set confirm off"])
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ["TERM"] = "dumb"
            os.execv(argv[0], argv)

    def read(self, pattern):
        end = time.monotonic() + PATIENCE
        while not re.search(pattern, self.raw):
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.fd], [], [], left)[0]:
                self.text = self.raw.decode("utf-8", "replace")
                expect(False, "GDB does not print %r", pattern)
            try:
                self.raw += os.read(self.fd, 65536)
            except OSError:
                self.text = self.raw.decode("utf-8", "replace")
                expect(False, "GDB has ended")
        self.text = self.raw.decode("utf-8", "replace").replace("\r", "")

    def prompt(self):
        """Wait for the prompt; what was printed before it."""
        self.read(re.escape(PROMPT) + b"$")
        return gdb_driver.Output(self.text, 0)

    def send(self, keys):
        self.raw = b""
        os.write(self.fd, keys)

    def command(self, line):
        self.send(line.encode() + b"\n")
        return self.prompt()

    def press(self, keys):
        os.write(self.fd, keys)

    def interrupt(self):
        """Ctrl-C until it is heard. GDB drops one that comes between a stop and the next `continue`, while the terminal
        is the debuggee's and no thread of it executes (target_pass_ctrlc, target.c of GDB 13)."""
        for _ in range(5):
            self.press(b"\x03")
            end = time.monotonic() + 3
            while not self.raw.endswith(PROMPT) and select.select([self.fd], [], [], max(0, end - time.monotonic()))[0]:
                self.raw += os.read(self.fd, 65536)
            if self.raw.endswith(PROMPT):
                break
        return self.prompt()

    def settle(self):
        """Until a marker: a Ctrl-C that came after a command has made prompts of its own."""
        self.send(b"echo mark\\n\n")
        self.read(b"\nmark\r?\n" + re.escape(PROMPT) + b"$")

    def close(self):
        os.write(self.fd, b"quit\n")
        self.wait()

    def kill(self):
        """Whatever state it is in: the target cannot end before its tracer has."""
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            self.wait()

    def wait(self):
        os.waitpid(self.pid, 0)
        os.close(self.fd)
        self.pid = 0


def open_terminal(t):
    """GDB at its first prompt of quiet, the target stopped and known."""
    gdb = Terminal(t)
    gdb.read(rb"## stopped [^\n]*\n.*" + re.escape(PROMPT) + b"$")
    t.learn_pid()
    first = gdb_driver.Output(gdb.text, 0).facts[-1]
    return gdb, first


def leave(t, gdb):
    gdb.command("detach")
    t.runs_on()
    t.saw_nothing()
    gdb.close()


def wait_running(t, loops=100):
    before = t.counters["loops"]
    gdb_driver.wait_until("the target to run", lambda: t.counters["loops"] > before + loops)


def ctrl_c_keeps_the_samples(t):
    gdb, first = open_terminal(t)
    # Where the debuggee blocks SIGINT, the first stays pending and a second one cannot be told from it.
    for _ in range(1 if "blocked" in t.words else 5):
        gdb.send(LONG.encode() + b"\n")
        wait_running(t)
        gdb.press(b"\x03")
        output = gdb.prompt()
        expect(output.taken and output.taken[0] > 0, "no samples: %s", output.text)
        expect(output.ended == ["interrupted (signal SIGINT)"], "ended early: %s", output.ended)
        facts = gdb.command("facts").facts[0]
        expect(facts.state == "stopped" and facts.lwp == first.lwp, "%s, LWP %d", facts.state, facts.lwp)
        expect(facts.pending == 0 or "blocked" in t.words, "%d SIGINT pending", facts.pending)
    output = gdb.command(SHORT)
    expect(output.taken == [3] and not output.ended, "then taken %s: %s", output.taken, output.ended)
    leave(t, gdb)


def ctrl_c_crosses_our_signal(t):
    """Ctrl-C about when the last sample is taken, or while the report is made."""
    gdb, first = open_terminal(t)
    for n in range(40):
        gdb.send(b"scalene sample 30 --interval 1000 --quiet\n")
        time.sleep(0.024 + 0.0005 * n)
        gdb.press(b"\x03")
        gdb.read(rb"(samples asked|no sample could|Quit)[^$]*" + re.escape(PROMPT))
        gdb.settle()
        stands_as_before([first] + gdb.command("facts").facts, 2)
    output = gdb.command(SHORT)
    expect(output.taken == [3] and not output.ended, "then taken %s: %s", output.taken, output.ended)
    leave(t, gdb)


def ctrl_c_in_stop_mode(t):
    gdb, first = open_terminal(t)
    for _ in range(5):
        gdb.send(LONG.encode() + b" --mode stop\n")
        wait_running(t)
        output = gdb.interrupt()
        expect(output.taken and output.taken[0] > 0, "no samples: %s", output.text)
        stands_as_before([first] + gdb.command("facts").facts, 2)
    output = gdb.command(SHORT)
    expect(output.taken == [3] and not output.ended, "then taken %s: %s", output.taken, output.ended)
    leave(t, gdb)


def the_pager_can_be_left(t):
    gdb, _ = open_terminal(t)
    gdb.command("set height 12")
    gdb.command("set width 80")
    gdb.send(b"scalene help sample\n")
    gdb.read(b"Type <RET>")
    gdb.press(b"q\n")
    gdb.prompt()
    gdb.settle()
    gdb.command("set height 0")
    output = gdb.command(SHORT)
    expect(output.taken == [3], "then taken %s", output.taken)
    leave(t, gdb)


def words_are_completed(t):
    gdb, _ = open_terminal(t)
    gdb.send(b"scalene samp\t")
    gdb.read(b"scalene sample")
    gdb.press(b"3 --quie\t")
    gdb.read(b"--quiet ")
    gdb.press(b"--mode li\t")
    gdb.read(b"--mode live ")
    gdb.press(b"\n")
    output = gdb.prompt()
    expect(output.taken == [3], "taken %s: %s", output.taken, output.text)
    leave(t, gdb)


def both(function, *words):
    for how in (ATTACHED, STARTED):
        yield "%s/%s/%s" % (function.__name__, how, "+".join(words)), function, (how,) + words


TESTS = [
    *both(ctrl_c_keeps_the_samples, "timer"),
    *both(ctrl_c_keeps_the_samples, "blocked"),
    *both(ctrl_c_crosses_our_signal, "timer"),
    *both(ctrl_c_in_stop_mode, "timer"),
    *both(the_pager_can_be_left),
    *both(words_are_completed),
]

sys.exit(gdb_driver.main(TESTS))
