#!/usr/bin/env python3
"""gdb_run - `scalene sample` lets the debuggee run and stops it again: no signal of ours reaches it, nothing stays.

usage: tests/integration/gdb_run.py [PART OF A NAME]
"""
import os
import sys

import gdb_driver
from gdb_driver import ATTACHED, STARTED, expect, stands_as_before

SHORT = "scalene sample 3 --interval 1000 --quiet"
LONG = "scalene sample 100000 --interval 1000 --quiet"
CYCLES = 30


def cycles(command, count=CYCLES):
    return (command, "facts") * count


def a_timer_target_is_left_as_it_was(t):
    t.output = t.gdb(*cycles(SHORT), "detach")
    t.runs_on()
    expect(t.output.taken == [3] * CYCLES, "taken %s", t.output.taken)
    expect(not t.output.ended, "ended early: %s", t.output.ended)
    expect(all(f.events == ["SIGINT"] for f in t.output.facts[1:]), "more than one stop for a command")
    expect("received signal" not in t.output.text, "a stop of ours is shown")
    stands_as_before(t.output.facts, CYCLES + 1)
    expect(t.counters["alarms"] > 0, "the timer has stopped")
    t.saw_nothing()


def no_child_is_lost(t):
    t.output = t.gdb(*cycles("scalene sample 100 --interval 10000 --quiet", 3), "detach")
    t.runs_on()
    t.finish()
    if t.how == STARTED:
        gdb_driver.wait_until("the end of the target", lambda: t.counters["reaped"] == t.counters["born"])
    stands_as_before(t.output.facts, 4)
    expect(t.counters["born"] > 20, "only %d children", t.counters["born"])
    expect(t.counters["reaped"] == t.counters["born"], "%d of %d children", t.counters["reaped"], t.counters["born"])
    expect(t.output.taken == [100] * 3, "taken %s", t.output.taken)
    t.saw_nothing()


def sigint_is_out_of_reach(t):
    """Blocked or ignored by the debuggee, or given to it by the user's `handle`."""
    t.output = t.gdb(*cycles(SHORT, 10), "detach")
    t.runs_on()
    expect(t.output.taken == [3] * 10, "taken %s", t.output.taken)
    stands_as_before(t.output.facts, 11)
    t.saw_nothing()


def sigint_is_the_users(t):
    t.output = t.gdb("handle SIGINT nostop noprint pass", *cycles(SHORT, 10), "detach")
    t.runs_on()
    expect(t.output.taken == [3] * 10, "taken %s", t.output.taken)
    expect(t.output.facts[1].events == ["SIGSTOP"], "stopped by %s", t.output.facts[1].events)
    stands_as_before(t.output.facts, 11)
    t.saw_nothing()


def no_usable_signal(t):
    t.output = t.gdb("handle SIGINT nostop", "handle SIGSTOP nostop", SHORT, "facts", "detach")
    t.runs_on()
    expect("handle SIGINT stop nopass" in t.output.text, "no remedy")
    expect(t.output.facts[1].state == "stopped" and not t.output.facts[1].events, "it ran")


def a_breakpoint_ends_it(t):
    t.output = t.gdb("break getppid", t.go, LONG, "facts", "info program", "delete", SHORT, "facts", "detach")
    t.runs_on()
    expect(t.output.ended and t.output.ended[0].startswith("breakpoint "), "ended early: %s", t.output.ended)
    expect("It stopped at breakpoint" in t.output.text, "not at the breakpoint")
    expect("Breakpoint" in t.output.text and "getppid" in t.output.text, "GDB's report is missing")
    expect(t.output.facts[1].events == ["breakpoint"], "stopped by %s", t.output.facts[1].events)
    expect(t.output.taken[-1] == 3, "the next command took %d", t.output.taken[-1])
    t.saw_nothing()


def a_breakpoint_crosses_our_signal(t):
    """Breakpoints as often as the ends of samples: whichever wins, no signal of ours is left."""
    t.output = t.gdb("break getppid", *cycles(SHORT, 100), "delete", *cycles(SHORT, 3), "detach")
    t.runs_on()
    facts = t.output.facts[1:101]
    expect(all(f.pending == 0 and f.state == "stopped" for f in facts), "something is left")
    stray = [f.events for f in facts if f.events[-1] == "SIGINT" and len(f.events) == 1]
    # A stop by SIGINT alone is the one that was asked for: then all samples were taken.
    full = [n for n in t.output.taken[:-3] if n == 3]
    expect(len(stray) <= len(full), "%d stops by SIGINT, but %d full samples", len(stray), len(full))
    expect(all(e.startswith("breakpoint") for e in t.output.ended), "ended early: %s", t.output.ended)
    expect(t.output.taken[-3:] == [3] * 3, "afterwards taken %s", t.output.taken[-3:])
    t.saw_nothing()


def the_targets_own_signal_crosses_ours(t):
    """SIGUSR1 stops GDB and is passed on: each one that was sent arrives."""
    t.output = t.gdb(*cycles(SHORT, 100), "handle SIGUSR1 nostop noprint pass", *cycles(SHORT, 3), "detach")
    gdb_driver.wait_until("some more signals", lambda: t.counters["sent"] > 110)
    t.finish()
    expect(all(f.pending == 0 for f in t.output.facts), "something is left")
    expect(set(t.output.ended) <= {"signal SIGUSR1"}, "ended early: %s", t.output.ended)
    gdb_driver.wait_until("all signals", lambda: t.counters["usr1s"] == t.counters["sent"])
    t.saw_nothing()


def its_exit_ends_it(t):
    t.output = t.gdb(t.go, LONG, "facts", SHORT)
    expect(t.output.ended == ["exited with code 7"], "ended early: %s", t.output.ended)
    expect(t.output.facts[1].state == "none", "it is still there")
    expect("no process" in t.output.text and t.output.status == 1, "the next command has status %d", t.output.status)


def its_death_ends_it(t):
    t.output = t.gdb(t.go, LONG, "facts")
    expect(t.output.ended and t.output.ended[0].startswith("killed by signal 9"), "ended early: %s", t.output.ended)
    expect(t.output.facts[1].state == "none", "it is still there")


def a_crash_stays_where_it_is(t):
    t.output = t.gdb(t.go, LONG, "facts", "print $_siginfo.si_signo", "info program", "continue")
    expect(t.output.ended == ["signal SIGSEGV"], "ended early: %s", t.output.ended)
    expect("received signal SIGSEGV" in t.output.text, "GDB's report is missing")
    expect("$1 = 11" in t.output.text, "the signal's information is lost")
    expect("terminated with signal SIGSEGV" in t.output.text, "the signal is lost")
    t.saw_nothing()


def non_stop_is_refused(t):
    t.output = t.gdb(SHORT, "facts", "detach", first=["set non-stop on"])
    expect("non-stop" in t.output.text, "no word of it")
    expect(not t.output.taken, "taken %s", t.output.taken)


def a_failing_hook_keeps_the_samples(t):
    """`continue` ends with the error of the user's hook, after the debuggee has run and was sampled."""
    path = os.path.join(t.directory, "hook.json")
    hook = os.path.join(t.directory, "hook.gdb")
    with open(hook, "w") as f:
        f.write('define hookpost-continue\nprintf "x %d\\n", $nosuch.x\nend\n')
    t.output = t.gdb("source " + hook, "scalene sample 20 --interval 1000 --quiet -o " + path, "facts",
                     "detach")
    t.runs_on()
    expect(t.output.taken == [20], "taken %s", t.output.taken)
    expect("nosuch" in t.output.text or "structure" in t.output.text, "the hook's error is missing")
    expect(os.path.exists(path), "no file")
    stands_as_before(t.output.facts, 2)
    t.saw_nothing()


def what_keeps_it_from_running_is_said(t):
    t.output = t.gdb("break *0x10", SHORT, "facts", "delete", SHORT, "facts", "detach")
    t.runs_on()
    expect("Cannot insert breakpoint" in t.output.text, "no reason")
    expect("Command aborted" in t.output.text, "no error")
    expect(t.output.taken == [3], "taken %s", t.output.taken)
    stands_as_before(t.output.facts, 3)
    t.saw_nothing()


def of_a_long_output_the_end_is_shown(t):
    """What GDB prints before a stop that is not ours, such as the threads of hours, is kept up to a bound."""
    hook = os.path.join(t.directory, "hook.gdb")
    with open(hook, "w") as f:
        f.write("define hook-continue\npython for n in range(20000): print('line %d is long' % n)\nend\n")
    t.output = t.gdb("break getppid", "source " + hook, t.go, LONG, "facts", "delete", "detach")
    t.runs_on()
    lines = [line for line in t.output.text.split("\n") if line.endswith(" is long")]
    expect(lines[-1] == "line 19999 is long" and len(lines) < 5000, "%d lines: %s ...", len(lines), lines[:1])
    expect("(earlier output of GDB is left out)\n" + lines[0] in t.output.text, "it does not say that it is the end")
    expect("getppid" in t.output.text.partition(lines[-1])[2], "GDB's report is missing")
    t.saw_nothing()


def scheduler_locking_is_put_back(t):
    t.output = t.gdb("set scheduler-locking on", "set height 33", "scalene sample 200 --interval 1000 --quiet",
                     "facts", "show scheduler-locking", "show height", "detach")
    t.runs_on()
    expect('is "on"' in t.output.text, "the setting is gone")
    expect("in a page are 33" in t.output.text or "in a page is 33" in t.output.text, "the pager's setting is gone")
    expect(t.counters["others"] > 10 and t.counters["loops"] > 10, "a thread has not run")
    expect(t.output.taken == [200], "taken %s", t.output.taken)


def a_catchpoint_ends_it(t):
    t.output = t.gdb("catch fork", t.go, LONG, "facts", "delete", "detach")
    t.runs_on()
    expect(t.output.ended and t.output.ended[0].startswith("catchpoint "), "ended early: %s", t.output.ended)
    t.saw_nothing()


def a_fork_is_followed_as_told(t):
    """The parent goes its way, untouched; the child is what GDB stops."""
    t.output = t.gdb("set follow-fork-mode child", t.go, "scalene sample 1500 --interval 1000 --quiet", "facts",
                     "python print('CHILD', gdb.selected_inferior().pid)", "detach")
    t.runs_on()
    expect(t.output.facts[1].state == "stopped", "the child is %s", t.output.facts[1].state)
    expect("CHILD %d" % t.pid not in t.output.text, "the child was not followed")
    t.saw_nothing()


def an_exec_goes_on(t):
    """The process is another program then, and the next command reads that."""
    t.output = t.gdb(t.go, "scalene sample 1500 --interval 1000 --quiet", "facts", "set breakpoint pending on",
                     "tbreak getppid", "continue",
                     *cycles(SHORT, 3), "detach")
    t.runs_on()
    expect(t.counters["execs"] == 1, "it has not executed anything")
    expect(t.output.facts[1].state == "stopped", "it is %s", t.output.facts[1].state)
    expect(t.output.taken[-3:] == [3] * 3, "taken %s", t.output.taken)
    t.saw_nothing()


def stop_mode_stops_for_each_sample(t):
    t.output = t.gdb(*cycles("scalene sample 20 --interval 1000 --mode stop --quiet", 5), SHORT, "facts", "detach")
    t.runs_on()
    expect(t.output.taken == [20] * 5 + [3], "taken %s", t.output.taken)
    expect(not t.output.ended, "ended early: %s", t.output.ended)
    stands_as_before(t.output.facts, 7)
    t.saw_nothing()


def stop_mode_ends_at_a_breakpoint(t):
    t.output = t.gdb("break getppid", t.go, LONG + " --mode stop", "facts", "delete", SHORT, "facts", "detach")
    t.runs_on()
    expect(t.output.ended and t.output.ended[0].startswith("breakpoint "), "ended early: %s", t.output.ended)
    expect(t.output.taken[-1] == 3, "the next command took %d", t.output.taken[-1])
    t.saw_nothing()


def both(function, *words):
    for how in (ATTACHED, STARTED):
        name = "%s/%s/%s" % (function.__name__, how, "+".join(words))
        yield name, function, (how,) + words


TESTS = [
    *both(a_timer_target_is_left_as_it_was, "timer"),
    *both(a_timer_target_is_left_as_it_was, "timer", "busy"),
    *both(no_child_is_lost, "children", "timer"),
    *both(sigint_is_out_of_reach, "blocked", "busy"),
    *both(sigint_is_out_of_reach, "ignored", "timer"),
    *both(sigint_is_the_users, "timer"),
    *both(no_usable_signal),
    *both(a_breakpoint_ends_it, "go", "getppid"),
    *both(a_breakpoint_crosses_our_signal, "getppid"),
    *both(a_breakpoint_crosses_our_signal, "getppid", "threads", "timer"),
    *both(the_targets_own_signal_crosses_ours, "usr1"),
    *both(its_exit_ends_it, "go", "exit"),
    *both(its_death_ends_it, "go", "kill"),
    *both(a_crash_stays_where_it_is, "go", "crash", "timer"),
    *both(non_stop_is_refused),
    *both(a_failing_hook_keeps_the_samples, "timer"),
    *both(a_failing_hook_keeps_the_samples, "blocked"),
    *both(what_keeps_it_from_running_is_said, "timer"),
    *both(of_a_long_output_the_end_is_shown, "go", "getppid"),
    *both(scheduler_locking_is_put_back, "busy"),
    *both(a_catchpoint_ends_it, "go", "fork"),
    *both(a_fork_is_followed_as_told, "go", "fork"),
    *both(an_exec_goes_on, "go", "exec", "getppid"),
    *both(stop_mode_stops_for_each_sample, "timer"),
    *both(stop_mode_ends_at_a_breakpoint, "go", "getppid"),
]

sys.exit(gdb_driver.main(TESTS))
