#!/usr/bin/env python3
"""lldb_run - `scalene sample` in LLDB lets the debuggee run and stops it again, and leaves it as it was.

usage: tests/integration/lldb_run.py [PART OF A NAME]
"""
import os
import sys

import gdb_driver
import lldb_driver
from gdb_driver import ATTACHED, STARTED, expect
from lldb_driver import stands_as_before

SHORT = "scalene sample 3 --interval 1000 --quiet"
LONG = "scalene sample 100000 --interval 1000 --quiet"
BREAK = "breakpoint set --name getppid"
CLEAR = "breakpoint delete --force"


def cycles(count, command=SHORT):
    return (command, "facts") * count


def it_is_left_as_it_was(t):
    output = t.lldb("facts", *cycles(10), "detach")
    t.runs_on()
    expect(output.taken == [3] * 10, "taken %s", output.taken)
    expect(not output.ended, "ended early: %s", output.ended)
    expect(all("stop reason" not in piece.partition("(lldb)")[0] for piece in output.text.split(SHORT)[1:]), "a stop is shown")
    stands_as_before(output.facts, 11)
    t.saw_nothing()


def no_child_is_lost(t):
    output = t.lldb(*cycles(3, "scalene sample 100 --interval 10000 --quiet"), "detach")
    t.runs_on()
    t.finish()
    expect(output.taken == [100] * 3, "taken %s", output.taken)
    expect(t.counters["born"] > 20, "only %d children", t.counters["born"])
    expect(t.counters["reaped"] == t.counters["born"], "%d of %d children", t.counters["reaped"], t.counters["born"])
    t.saw_nothing()


def sigint_is_out_of_reach(t):
    output = t.lldb("facts", *cycles(10), "detach")
    t.runs_on()
    expect(output.taken == [3] * 10, "taken %s", output.taken)
    stands_as_before(output.facts, 11)
    t.saw_nothing()


def sigint_is_the_users(t):
    output = t.lldb("process handle SIGINT --stop false --pass true", "facts", *cycles(5), "detach")
    t.runs_on()
    expect(output.taken == [3] * 5, "taken %s", output.taken)
    stands_as_before(output.facts, 6)
    t.saw_nothing()


def no_usable_signal(t):
    output = t.lldb("process handle SIGINT SIGSTOP --stop false", SHORT)
    expect("process handle SIGINT --stop true --pass false" in output.text, "no remedy")
    expect(output.status == 1 and not output.taken, "status %d, taken %s", output.status, output.taken)


def what_lldb_does_at_signals_is_put_back(t):
    names = "process handle SIGVTALRM SIGCHLD SIGWINCH SIGURG SIGIO"
    output = t.lldb(names, SHORT, names, "detach")
    said = [piece.partition("(lldb)")[0] for piece in output.text.split(names + "\n")[1:]]
    expect(len(said) == 2 and said[0] == said[1] and "SIGVTALRM" in said[0], "%s", said)


def a_breakpoint_ends_it(t):
    output = t.lldb("facts", BREAK, t.go, LONG, "facts", CLEAR, SHORT, "facts", "detach")
    t.runs_on()
    number = 2 if t.how == STARTED else 1  # that of the start is the first
    expect(output.ended == ["breakpoint %d" % number], "ended early: %s", output.ended)
    expect("stop reason = breakpoint %d.1" % number in output.text, "LLDB's report is missing")
    expect(output.taken[1:] == [3], "the next command took %s", output.taken[1:])
    # The process that LLDB starts has no id before that.
    expect(t.how == STARTED or all(f.pending == 0 and f.state == "stopped" for f in output.facts), "something is left")
    t.saw_nothing()


def a_breakpoint_crosses_our_signal(t):
    """Breakpoints as often as the ends of samples: whichever wins, no signal of ours is left. Where no sample could be
    taken, that is an error, which ends a batch."""
    output = t.lldb(BREAK, *cycles(60), CLEAR, *cycles(3), "detach", batch=False)
    t.runs_on()
    expect(len(output.facts) == 63, "%d states", len(output.facts))
    expect(all(f.pending == 0 and f.state == "stopped" for f in output.facts), "something is left")
    expect(set(output.ended) <= {"breakpoint 1"}, "ended early: %s", output.ended)
    expect(output.taken[-3:] == [3] * 3, "afterwards taken %s", output.taken[-3:])
    t.saw_nothing()


def the_targets_own_signal_crosses_ours(t):
    """SIGUSR1 stops LLDB and is passed on: each one that was sent arrives."""
    quiet = "process handle SIGUSR1 --stop false --notify false --pass true"
    output = t.lldb(*cycles(60), quiet, *cycles(3), "detach", batch=False)
    gdb_driver.wait_until("some more signals", lambda: t.counters["sent"] > 70)
    t.finish()
    expect(len(output.facts) == 63, "%d states", len(output.facts))
    expect(all(f.pending == 0 for f in output.facts), "something is left")
    expect(set(output.ended) <= {"signal SIGUSR1"}, "ended early: %s", output.ended)
    gdb_driver.wait_until("all signals", lambda: t.counters["usr1s"] == t.counters["sent"])
    t.saw_nothing()


def its_exit_ends_it(t):
    output = t.lldb(t.go, LONG, SHORT)
    expect(output.ended == ["exited with status 7"], "ended early: %s", output.ended)
    expect("no process" in output.text and output.status == 1, "the next command has status %d", output.status)


def its_death_ends_it(t):
    output = t.lldb(t.go, LONG)
    expect(output.taken and output.taken[0] > 0, "taken %s", output.taken)
    expect(output.ended == ["exited with status 9"], "ended early: %s", output.ended)


def a_crash_stays_where_it_is(t):
    """LLDB in batch mode goes no further then; the process dies when it is let go."""
    output = t.lldb(t.go, LONG)
    expect(output.ended == ["signal SIGSEGV"], "ended early: %s", output.ended)
    expect("stop reason = signal SIGSEGV" in output.text, "LLDB's report is missing")
    gdb_driver.wait_until("its death", lambda: t.process.poll() is not None)
    expect(t.process.returncode == -11, "it ended with %d", t.process.returncode)


def an_exec_ends_it(t):
    """LLDB stops there (target.process.stop-on-exec), and the next command reads the new program."""
    output = t.lldb(t.go, LONG, BREAK, "continue", CLEAR, *cycles(3), "detach")
    t.runs_on()
    expect(t.counters["execs"] == 1, "it has not executed anything")
    expect(output.ended and output.ended[0].startswith("exec"), "ended early: %s", output.ended)
    expect(output.taken[-3:] == [3] * 3, "taken %s", output.taken)
    t.saw_nothing()


def stop_mode_stops_for_each_sample(t):
    output = t.lldb("facts", *cycles(5, "scalene sample 20 --interval 1000 --mode stop --quiet"), SHORT, "facts", "detach")
    t.runs_on()
    expect(output.taken == [20] * 5 + [3], "taken %s", output.taken)
    expect(not output.ended, "ended early: %s", output.ended)
    stands_as_before(output.facts, 7)
    t.saw_nothing()


def stop_mode_ends_at_a_breakpoint(t):
    output = t.lldb(BREAK, t.go, LONG + " --mode stop", CLEAR, SHORT, "facts", "detach")
    t.runs_on()
    expect(output.ended == ["breakpoint 1"], "ended early: %s", output.ended)
    expect(output.taken[-1] == 3, "the next command took %d", output.taken[-1])
    expect(output.facts[0].pending == 0, "something is left")
    t.saw_nothing()


def a_stop_hook_does_not_disturb_it(t):
    """The user's hooks run a command of ours while another one is at work."""
    path = os.path.join(t.directory, "profile.json")
    output = t.lldb("target stop-hook add -o 'scalene threads'", "scalene sample 20 --interval 1000 --quiet -o " + path,
                    "scalene threads", "detach")
    t.runs_on()
    expect(output.taken == [20] and os.path.exists(path), "taken %s", output.taken)
    t.saw_nothing()


def attached(function, *words):
    return "%s/%s/%s" % (function.__name__, ATTACHED, "+".join(words)), function, (ATTACHED,) + words


def started(function, *words):
    return "%s/%s/%s" % (function.__name__, STARTED, "+".join(words)), function, (STARTED,) + words


TESTS = [
    attached(it_is_left_as_it_was),
    attached(it_is_left_as_it_was, "busy"),
    attached(it_is_left_as_it_was, "timer"),
    attached(no_child_is_lost, "children"),
    attached(sigint_is_out_of_reach, "blocked", "busy"),
    attached(sigint_is_out_of_reach, "ignored"),
    attached(sigint_is_the_users),
    attached(no_usable_signal),
    attached(what_lldb_does_at_signals_is_put_back),
    attached(a_breakpoint_ends_it, "go", "getppid"),
    started(a_breakpoint_ends_it, "go", "getppid"),
    attached(a_breakpoint_crosses_our_signal, "getppid"),
    attached(a_breakpoint_crosses_our_signal, "getppid", "threads"),
    attached(the_targets_own_signal_crosses_ours, "usr1"),
    attached(its_exit_ends_it, "go", "exit"),
    started(its_exit_ends_it, "go", "exit"),
    attached(its_death_ends_it, "go", "kill"),
    attached(a_crash_stays_where_it_is, "go", "crash"),
    attached(an_exec_ends_it, "go", "exec", "getppid"),
    attached(stop_mode_stops_for_each_sample, "busy"),
    attached(stop_mode_ends_at_a_breakpoint, "go", "getppid"),
    attached(a_stop_hook_does_not_disturb_it, "busy"),
]

sys.exit(lldb_driver.main(TESTS))
