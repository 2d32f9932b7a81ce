"""rest - waiting until a fixture has come to rest: "ready" is said a moment before that."""
import os
import time

# Where a fixture's threads wait when they have come to rest (x86-64): select, futex, nanosleep, clock_nanosleep,
# wait4, epoll_wait, openat (of a FIFO), pselect6, epoll_pwait.
WAITS = {"23", "202", "35", "61", "230", "232", "257", "270", "281"}


def at_rest(fixture):
    """Wait until every thread is where it stays: "ready" is written a moment before that."""
    directory = "/proc/%d/task" % fixture.pid
    for _ in range(1000):
        calls = []
        for lwp in os.listdir(directory):
            with open("%s/%s/syscall" % (directory, lwp)) as f:
                calls.append(f.read().split()[0])
        if set(calls) <= WAITS:
            return fixture
        time.sleep(0.01)
    raise AssertionError("the fixture does not come to rest: %s" % calls)
