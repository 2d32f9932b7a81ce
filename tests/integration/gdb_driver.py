"""gdb_driver - what the gdb_* tests share: a counting target, GDB in batch on it, and checks of both."""
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import gdb_target  # noqa: E402
import harness  # noqa: E402

PATIENCE = 60.0
ATTACHED, STARTED = "attached", "started"
RESULT = re.compile(r"^(?:\^C)*(\d+) samples asked, (\d+) taken", re.M)
# What ends it may come before the first sample.
ENDED = re.compile(r"^(?:ended early|no sample could be taken): (.*)$", re.M)
FACTS = re.compile(r"^## (\w+) (\d+) (\d+) ?(.*)$", re.M)


class Failure(Exception):
    pass


def expect(condition, text, *arguments):
    if not condition:
        raise Failure(text % arguments)


def wait_until(what, condition):
    end = time.monotonic() + PATIENCE
    while not condition():
        expect(time.monotonic() < end, "not within %d s: %s", PATIENCE, what)
        time.sleep(0.005)


class Facts:
    """The state of the debugger after a command."""

    def __init__(self, match):
        self.state, self.lwp, self.pending = match.group(1), int(match.group(2)), int(match.group(3))
        self.events = match.group(4).split()


class Output:
    def __init__(self, text, status):
        self.text, self.status = text, status
        self.taken = [int(n) for _, n in RESULT.findall(text)]
        self.ended = ENDED.findall(text)
        self.facts = [Facts(match) for match in FACTS.finditer(text)]


class Target:
    """gdb_target.py, attached to or started by GDB."""

    def __init__(self, how, *words):
        os.environ.setdefault("SCALENE_BUILD", harness.BUILD)
        self.how, self.words = how, words
        self.directory = tempfile.mkdtemp(prefix="scalene-gdb-")
        self.program = [harness.find_pythons()[-1].path, os.path.join(HERE, "gdb_target.py"), self.directory] + list(words)
        for name in ("ready", "go"):
            os.mkfifo(os.path.join(self.directory, name))
        with open(os.path.join(self.directory, "counters"), "wb") as f:
            f.write(b"\0" * 4096)
        # Held open at this end, so that neither a reader nor a writer ever waits for its other side.
        self.ready, self.open_go = (os.open(os.path.join(self.directory, n), os.O_RDWR) for n in ("ready", "go"))
        self.counters = gdb_target.Counters(self.directory)
        self.process, self.pid = None, 0
        self.debugger = None  # one that is still there when the test ends is killed first
        if how == ATTACHED:
            self.process = subprocess.Popen(self.program, stdin=subprocess.DEVNULL)
            self.pid = self.process.pid
            os.read(self.ready, 1)

    @property
    def go(self):
        """A GDB command that lets the target do what it was waiting to do."""
        return "shell echo > %s" % os.path.join(self.directory, "go")

    def argv(self, *commands, batch=True, first=()):
        wrapper = os.path.join(harness.ROOT, "scripts", "scalene-gdb")
        argv = [wrapper, "-nx", "-q"] + (["-batch"] if batch else [])
        argv += ["-iex", "set debuginfod enabled off", "-iex", "set width 0", "-iex", "set auto-load off"]
        for command in first:
            argv += ["-iex", command]
        argv += ["-x", os.path.join(HERE, "gdb_inside.py")]
        if self.how == ATTACHED:
            argv += ["-p", str(self.pid)]
        else:
            start = ["set breakpoint pending on", "tbreak getppid", "run"]
            start.append("python open('%s/pid', 'w').write(str(gdb.selected_inferior().pid))" % self.directory)
            for command in start:
                argv += ["-ex", command]
        for command in ("facts",) + commands:
            argv += ["-ex", command]
        return argv + (["--args"] + self.program if self.how == STARTED else [])

    def gdb(self, *commands, first=()):
        # A file: a target that GDB started keeps the descriptor after GDB's end.
        with open(os.path.join(self.directory, "output"), "w+b") as f:
            argv = self.argv(*commands, first=first)
            program = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=f, stderr=subprocess.STDOUT)
            try:
                status = program.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                program.kill()
                status = program.wait()
                f.write(b"\nkilled after %d s" % PATIENCE)
            f.seek(0)
            output = Output(f.read().decode("utf-8", "replace"), status)
        self.learn_pid()
        return output

    def learn_pid(self):
        if self.how == STARTED:
            with open(os.path.join(self.directory, "pid")) as f:
                self.pid = int(f.read())

    def status(self, name):
        with open("/proc/%d/status" % self.pid) as f:
            return re.search(r"^%s:\s*(.*)$" % name, f.read(), re.M).group(1)

    def runs_on(self):
        """After `detach`: not traced, not stopped, and it makes progress."""
        expect(self.status("TracerPid") == "0", "it is still traced")
        before = self.counters["loops"] + self.counters["born"]
        wait_until("progress after detach", lambda: self.counters["loops"] + self.counters["born"] > before + 1)
        expect(self.status("State")[0] not in "Tt", "it is in state %s", self.status("State"))

    def saw_nothing(self):
        """No signal of ours has reached it."""
        for name in ("ints", "traps", "conts"):
            expect(self.counters[name] == 0, "the target has seen %d %s", self.counters[name], name)

    def finish(self):
        """Let it end by itself."""
        self.counters["quit"] = 1
        if self.process:
            self.process.wait(PATIENCE)

    def close(self):
        self.counters["quit"] = 1
        if self.debugger:
            self.debugger.kill()
        try:
            if self.pid:
                os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        if self.process:
            self.process.wait()
        os.close(self.ready)
        os.close(self.open_go)
        shutil.rmtree(self.directory, ignore_errors=True)


def stands_as_before(facts, count=None):
    """Each state is that of the first: stopped, the same thread selected, nothing on its way."""
    for n, now in enumerate(facts[1:], 1):
        expect(now.state == "stopped", "command %d left the target %s", n, now.state)
        expect(now.lwp == facts[0].lwp, "command %d selected LWP %d, not %d", n, now.lwp, facts[0].lwp)
        expect(now.pending == 0, "command %d left %d SIGINT pending", n, now.pending)
    expect(count is None or len(facts) == count, "%d states, not %s", len(facts), count)


def main(tests, make=Target, reason=None if shutil.which(os.environ.get("SCALENE_GDB", "gdb")) else "no gdb"):
    """Run (name, function, arguments) and end with the counts. One argument: a part of the names to run."""
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    passed = failed = skipped = 0
    for name, function, arguments in tests:
        if wanted not in name:
            continue
        if reason:
            print("skip %s: %s" % (name, reason))
            skipped += 1
            continue
        target = make(*arguments)
        began = time.monotonic()
        target.output = None
        try:
            function(target)
            passed += 1
            if wanted:
                print("  ok %s (%.1f s)" % (name, time.monotonic() - began))
        except (Failure, subprocess.TimeoutExpired, OSError, IndexError) as error:
            failed += 1
            print("FAIL %s: %s: %s" % (name, type(error).__name__, error))
            print("    " + str(target.output.text if target.output else "").replace("\n", "\n    "))
        finally:
            target.close()
        sys.stdout.flush()
    print("%d passed, %d failed, %d skipped" % (passed, failed, skipped))
    return 1 if failed else 0
