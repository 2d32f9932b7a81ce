"""gdb_inside - sourced by GDB in the gdb_* tests: facts of the debugger as lines that begin with ##."""
import os
import signal

import gdb

FATAL_FOR_US = 1 << (signal.SIGINT - 1)
events = []


def note(event):
    points = getattr(event, "breakpoints", None)
    events.append(getattr(event, "stop_signal", None) or ("breakpoint" if points else "stop"))


def pending(pid):
    """Threads for which the kernel holds a SIGINT."""
    found = 0
    for lwp in os.listdir("/proc/%d/task" % pid):
        with open("/proc/%d/task/%s/status" % (pid, lwp)) as f:
            for line in f:
                if line.startswith(("SigPnd", "ShdPnd")) and int(line.split()[1], 16) & FATAL_FOR_US:
                    found += 1
    return found


class Facts(gdb.Command):
    """## state LWP PENDING EVENTS..., and the events are forgotten."""

    def __init__(self):
        super().__init__("facts", gdb.COMMAND_USER)

    def invoke(self, _arguments, _tty):
        thread, pid = gdb.selected_thread(), gdb.selected_inferior().pid
        state = "none" if thread is None else "stopped" if thread.is_stopped() else "running"
        lwp = thread.ptid[1] if thread else 0
        gdb.write("## %s %d %d %s\n" % (state, lwp, pending(pid) if pid else 0, " ".join(events)))
        events.clear()


gdb.events.stop.connect(note)
Facts()
