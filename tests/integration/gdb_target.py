"""gdb_target - the debuggee of the gdb_* tests: it counts what happens to it in a file that the test maps, too.

usage: gdb_target.py DIRECTORY WORD...

The words choose what it does; see the functions. "ready" is a FIFO that gets a byte when all is set up, "go" one from
which it waits for a byte before it does what would stop the debugger.
"""
import mmap
import os
import signal
import struct
import subprocess
import sys
import threading
import time

COUNTERS = ["loops", "alarms", "ints", "traps", "conts", "chlds", "usr1s", "sent", "born", "reaped", "quit", "execs", "others"]
SIGNALS = {
    signal.SIGALRM: "alarms",
    signal.SIGINT: "ints",
    signal.SIGTRAP: "traps",
    signal.SIGCONT: "conts",
    signal.SIGCHLD: "chlds",
    signal.SIGUSR1: "usr1s",
}


class Counters:
    def __init__(self, directory):
        with open(os.path.join(directory, "counters"), "r+b") as f:
            self.map = mmap.mmap(f.fileno(), 8 * len(COUNTERS))

    def __getitem__(self, name):
        at = 8 * COUNTERS.index(name)
        return struct.unpack("q", self.map[at : at + 8])[0]

    def __setitem__(self, name, value):
        at = 8 * COUNTERS.index(name)
        self.map[at : at + 8] = struct.pack("q", value)

    def add(self, name):
        self[name] = self[name] + 1


def say_ready(directory):
    fd = os.open(os.path.join(directory, "ready"), os.O_RDWR)
    os.write(fd, b"x")
    os.close(fd)
    os.getppid()  # where a test that starts us by `run` takes over


def wait_go(directory):
    fd = os.open(os.path.join(directory, "go"), os.O_RDWR)
    os.read(fd, 1)
    os.close(fd)


def work(count, seconds):
    """CPU and sleep by turns until the deadline; None: until the test says quit."""
    end = None if seconds is None else time.monotonic() + seconds
    while not count["quit"] and (end is None or time.monotonic() < end):
        sum(range(2000))
        time.sleep(0.002)
        count.add("loops")


# -- what a word stands for ---------------------------------------------------------------------------------


def children(count):
    """Twenty children a second, forked and spawned by turns; each must end with its own status."""
    number = 0
    while not count["quit"]:
        number += 1
        status = number % 100
        count.add("born")
        if number % 2:
            got = subprocess.call(["/bin/sh", "-c", "exit %d" % status])
        else:
            pid = os.fork()
            if pid == 0:
                os._exit(status)
            got = os.waitpid(pid, 0)[1] >> 8
        if got == status:
            count.add("reaped")
        time.sleep(0.05)


def getppid(count, gap):
    while not count["quit"]:
        time.sleep(gap)
        os.getppid()
        count.add("loops")


def usr1(count):
    """A signal that stops GDB each 3 ms; sent and received are compared."""
    while not count["quit"]:
        time.sleep(0.0032)
        count.add("sent")
        os.kill(os.getpid(), signal.SIGUSR1)
        while count["usr1s"] < count["sent"] and not count["quit"]:
            time.sleep(0.0002)


def spin():
    while not counters["quit"]:
        sum(range(1000))
        counters.add("others")


def crash():
    import ctypes

    work(counters, 0.3)
    ctypes.string_at(0)


def leave():
    work(counters, 0.3)
    os._exit(7)


def die():
    work(counters, 0.3)
    os.kill(os.getpid(), signal.SIGKILL)


def fork():
    work(counters, 0.3)
    if os.fork() == 0:
        while not counters["quit"]:
            time.sleep(0.002)
            counters.add("others")
        os._exit(0)
    work(counters, None)


def execute():
    work(counters, 0.3)
    counters.add("execs")
    os.execv(sys.executable, [sys.executable, __file__, directory] + [w for w in words if w not in ("exec", "go")])


def set_up():
    if "blocked" in words:
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    for signum, name in SIGNALS.items():
        signal.signal(signum, lambda *_, name=name: counters.add(name))
    if "ignored" in words:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    if "timer" in words:
        signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    if "threads" in words:
        for _ in range(3):
            threading.Thread(target=getppid, args=(counters, 0.0092), daemon=True).start()
    if "busy" in words:
        threading.Thread(target=spin, daemon=True).start()


def main():
    set_up()
    say_ready(directory)
    if "go" in words:
        wait_go(directory)
    actions = {"crash": crash, "exit": leave, "kill": die, "fork": fork, "exec": execute}
    for word in words:
        if word in actions:
            actions[word]()
    if "children" in words:
        children(counters)
    elif "usr1" in words:
        usr1(counters)
    elif "getppid" in words:
        getppid(counters, 0.0032)
    else:
        work(counters, None)


if __name__ == "__main__":
    directory, words = sys.argv[1], sys.argv[2:]
    counters = Counters(directory)
    main()
