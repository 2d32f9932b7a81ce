"""rest - waiting until a fixture has come to rest: "ready" is said a moment before that."""
import os
import time

# Where a fixture's threads wait when they have come to rest (x86-64): select, futex, nanosleep, clock_nanosleep,
# wait4, epoll_wait, openat (of a FIFO), pselect6, epoll_pwait.
WAITS = {"23", "202", "35", "61", "230", "232", "257", "270", "281"}
STEADY = 3  # readings: between two steps of its way there a thread waits as well, for the GIL


def calls_of(pid):
    """The system call of each thread, by id."""
    directory, calls = "/proc/%d/task" % pid, {}
    for lwp in os.listdir(directory):
        with open("%s/%s/syscall" % (directory, lwp)) as f:
            calls[lwp] = f.read().split()[0]
    return calls


def at_rest(fixture):
    """Wait until every thread is where it stays: "ready" is written a moment before that."""
    last, same = None, 0
    for _ in range(1000):
        calls = calls_of(fixture.pid)
        same = same + 1 if calls == last else 1
        if same >= STEADY and set(calls.values()) <= WAITS:
            return fixture
        last = calls
        time.sleep(0.01)
    raise AssertionError("the fixture does not come to rest: %s" % last)
