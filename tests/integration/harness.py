"""harness - what an integration test is given: an interpreter, a host, fixtures that say when they are ready.

A test is a function with one argument, decorated with @test. Each call of it is a process of its own, see run:

    @test(pythons="all", hosts=("cli", "gdb", "lldb"))
    def a_sleeping_thread_is_system_time(t):
        sleeper = t.fixture("sleeper.py")
        report = t.scalene(sleeper.pid, "threads")
        t.contains(report.out, "sleep")
"""
import glob
import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from cores import Core
from rest import at_rest  # noqa: F401, tests ask us for it
from pythons import Python, find_pythons, supported_versions  # noqa: F401, tests ask us for them

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
FIXTURES = os.path.join(ROOT, "tests", "fixtures")
BUILD = os.path.join(ROOT, os.environ.get("SCALENE_BUILD", "build"))
SANITIZED = os.path.basename(BUILD) == "san"
SKIPPED = 77  # exit status of a skipped test, as automake has it

TESTS = []


def test(pythons="all", hosts=("cli", "gdb", "lldb"), timeout=60, alone=False):
    """Register a test. pythons: "all" interpreters, or "one" of them (the newest); "venv": the newest that makes virtual
    environments; "static": those without a libpython. "every": all builds of one minor version, of which other tests take the
    newest release build.

    alone: beside no other test, because it measures shares of time. A target that has to share its processor is charged
    for its waiting where it was put off, which is noise in so short a time.
    """

    def register(function):
        function.pythons, function.hosts, function.timeout, function.alone = pythons, hosts, timeout, alone
        TESTS.append(function)
        return function

    return register


class Skip(Exception):
    pass


# -- processes --------------------------------------------------------------------------------------------


class Fixture:
    """A running fixture. `ready` has been read when the constructor returns."""

    def __init__(self, t, name, args=(), python=None, flags=(), channel=False, wait=True, **options):
        self.t = t
        self.fifos = {kind: self._fifo(kind) for kind in ("ready", "request", "answer")}
        words = [os.path.join(FIXTURES, name)] if isinstance(name, str) else name  # else the interpreter's own words
        argv = [(python or t.python).path, *flags, *words, self.fifos["ready"]]
        if channel:
            argv += [self.fifos["request"], self.fifos["answer"]]
        self.stderr = tempfile.TemporaryFile(dir=t.tmp)
        self.process = subprocess.Popen(
            argv + [str(arg) for arg in args],
            stdout=self.stderr,
            stderr=self.stderr,
            **dict({"stdin": subprocess.DEVNULL}, **options)
        )
        self.pid = self.process.pid
        if wait:
            self._read("ready", 30)

    def _fifo(self, kind):
        path = os.path.join(tempfile.mkdtemp(dir=self.t.tmp), kind)
        os.mkfifo(path)
        return path

    def _read(self, kind, seconds):
        fd = os.open(self.fifos[kind], os.O_RDONLY | os.O_NONBLOCK)
        try:
            text, end = b"", time.monotonic() + seconds
            while not text.endswith(b"\n"):
                if time.monotonic() > end or self.process.poll() is not None:
                    self.stderr.seek(0)
                    why = self.stderr.read().decode("utf-8", "replace")
                    raise AssertionError("fixture %s did not say %s: %s" % (self.process.args, kind, why))
                if select.select([fd], [], [], 0.05)[0]:
                    piece = os.read(fd, 65536)
                    if not piece:
                        time.sleep(0.005)  # no writer yet
                    text += piece
            return text.decode()
        finally:
            os.close(fd)

    def ask(self):
        """What the fixture itself says now, for those with a channel."""
        with open(self.fifos["request"], "w") as f:
            f.write("?\n")
        return json.loads(self._read("answer", 30))

    def state(self):
        """The kernel's letter for the main thread; "" when the process is gone."""
        try:
            with open("/proc/%d/stat" % self.pid) as f:
                return f.read().rpartition(")")[2].split()[0]
        except OSError:
            return ""

    def tracer(self):
        with open("/proc/%d/status" % self.pid) as f:
            return int(re.search(r"TracerPid:\s*(\d+)", f.read()).group(1))

    def waited(self):
        """Seconds that the main thread was ready to run and had no processor (proc(5): schedstat); 0 where not told."""
        try:
            with open("/proc/%d/schedstat" % self.pid) as f:
                return int(f.read().split()[1]) * 1e-9
        except OSError:
            return 0.0

    def blocked(self):
        """Wait until the main thread waits for a lock: it is "ready" a moment before that."""
        futex = "202 "  # x86-64
        for _ in range(500):
            with open("/proc/%d/syscall" % self.pid) as f:
                if f.read().startswith(futex):
                    return self
            time.sleep(0.01)
        raise AssertionError("the fixture never waits")

    def sampled(self):
        """Wait until a sampler is at work: it keeps its thread's file of the kernel's account open."""
        wanted = "/proc/%d/task/%d/stat" % (self.pid, self.pid)
        for _ in range(600):
            for path in glob.glob("/proc/[0-9]*/fd/*"):
                try:
                    if os.readlink(path) == wanted:
                        return
                except OSError:
                    pass  # it has just been closed
            time.sleep(0.05)
        raise AssertionError("nobody samples the fixture")

    def signal(self, number):
        os.kill(self.pid, number)

    def stop(self):
        """SIGSTOP, and wait until the kernel says that every thread stands."""
        self.signal(signal.SIGSTOP)
        for _ in range(2000):
            states = []
            for path in glob.glob("/proc/%d/task/*/stat" % self.pid):
                with open(path) as f:
                    states.append(f.read().rpartition(")")[2].split()[0])
            if set(states) <= {"T", "t"}:
                return
            time.sleep(0.002)
        raise AssertionError("the fixture does not stop")

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


class Result:
    def __init__(self, out, err, status, host):
        self.out, self.err, self.status, self.host = out, err, status, host

    def __str__(self):
        return "status %s\n--- out\n%s--- err\n%s" % (self.status, self.out, self.err)


BEGIN = "scalene-test-begins-here"
GDB_NOISE = re.compile(r"^\[Inferior \d+ \(process \d+\) (detached|exited.*)\]\n?", re.M)
LLDB_PROMPT = "(lldb) "
# Debian's LLDB 14 looks for its Python modules where they are not, and complains at each start.
LLDB_NOISE = re.compile(
    r"^Traceback \(most recent call last\):\n  File \"<string>\", line 1, in <module>\n"
    r"(ModuleNotFoundError: No module named 'lldb.embedded_interpreter'|NameError: name 'run_one_line' is not defined)\n"
    r"|^This version of LLDB has no plugin for the language .*\n",
    re.M,
)


class Context:
    """The argument of a test."""

    def __init__(self, python, host, tmp):
        self.python, self.host, self.tmp = python, host, tmp
        self.environment = dict(os.environ, LC_ALL="C.UTF-8", TERM="dumb", NO_COLOR="1")

    # starting things
    def fixture(self, name, *args, **options):
        return Fixture(self, name, args, **options)

    def path(self, name):
        return os.path.join(self.tmp, name)

    def fifo(self, name):
        os.mkfifo(self.path(name))
        return self.path(name)

    def popen(self, argv, **options):
        options.setdefault("env", self.environment)
        return subprocess.Popen(argv, stdin=subprocess.DEVNULL, **options)

    def call(self, argv, timeout=60, **options):
        process = self.popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            raise AssertionError("%s did not end in %s s\n%s\n%s" % (argv, timeout, out, err))
        out, err = (LLDB_NOISE.sub("", text.decode("utf-8", "replace")) for text in (out, err))
        return Result(out, err, process.returncode, self.host)

    def gdb_argv(self, pid, *commands):
        argv = [os.path.join(ROOT, "scripts", "scalene-gdb"), "-nx", "-q", "-batch"]
        argv += ["-iex", "set debuginfod enabled off", "-iex", "set width 0"]
        if isinstance(pid, Core):
            argv += ["-c", pid.path]
        elif pid is not None:
            argv += ["-p", str(pid)]
        for command in commands:
            argv += ["-ex", command]
        return argv

    def gdb(self, pid, *commands, timeout=60):
        """GDB with these commands; the status is the last one's."""
        return self.call(self.gdb_argv(pid, *commands), timeout, env=dict(self.environment, SCALENE_BUILD=BUILD))

    def lldb_argv(self, pid, *commands):
        argv = [os.path.join(ROOT, "scripts", "scalene-lldb"), "-x", "-X", "-b"]
        if isinstance(pid, Core):
            argv += ["-c", pid.path]
        elif pid is not None:
            argv += ["-p", str(pid)]
        for command in commands:
            argv += ["-o", command]
        return argv

    def lldb(self, pid, *commands, timeout=60):
        """LLDB with these commands, until one of them fails."""
        return self.call(self.lldb_argv(pid, *commands), timeout, env=dict(self.environment, SCALENE_BUILD=BUILD))

    def debugger_argv(self, pid, *commands):
        return (self.lldb_argv if self.host == "lldb" else self.gdb_argv)(pid, *commands)

    def debugger(self, pid, *commands, timeout=60):
        return (self.lldb if self.host == "lldb" else self.gdb)(pid, *commands, timeout=timeout)

    def pieces(self, pid, commands, timeout=60):
        """Commands of ours in one debugger: its result, with what came before them as `noise`; what each has printed."""
        commands = ["scalene " + command for command in commands]
        if self.host == "lldb":  # it repeats each command after its prompt
            result = self.lldb(pid, *commands, timeout=timeout)
            marks = [re.escape(LLDB_PROMPT + command) + "\n" for command in commands]
            clean = result.out
        else:
            script = [word for n, command in enumerate(commands) for word in ("echo %s-%d\\n" % (BEGIN, n), command)]
            result = self.gdb(pid, *script, timeout=timeout)
            marks = ["%s-%d\n" % (BEGIN, n) for n in range(len(commands))]
            clean = GDB_NOISE.sub("", result.out)
        found = []
        for mark in marks:
            before, clean = (re.split("^" + mark, clean, 1, re.M) + [""])[:2]
            found.append(before)
        result.noise = found.pop(0)
        return result, found + [clean]

    def cli_path(self):
        return os.path.join(BUILD, "scalene-dbg")

    def cli(self, *words, timeout=60):
        return self.call([self.cli_path()] + [str(word) for word in words], timeout)

    def scalene(self, pid, command, timeout=60):
        """One command of ours in the test's host, and what it alone printed."""
        if self.host == "cli":
            if isinstance(pid, Core):
                where = ["-c", pid.path, *pid.words]
            else:
                where = ["-p", str(pid)] if pid is not None else []
            return self.cli(*where, *command.split(), timeout=timeout)
        result, (result.out,) = self.pieces(pid, [command], timeout)
        return result

    def json(self, pid, command, timeout=60):
        """The --json document of a listing."""
        path = self.path("listing.json")
        result = self.scalene(pid, command + " --json " + path, timeout)
        self.succeeded(result)
        with open(path, encoding="utf-8") as f:
            return json.load(f)

    def profile(self, pid, command, timeout=60):
        """Sample, and return the profile after the project's own checker has found no fault with it."""
        path = self.path("profile.json")
        result = self.scalene(pid, command + " -o " + path, timeout)
        self.succeeded(result)
        return self.load_profile(path), result

    def undisturbed_profile(self, fixture, command, tries=4):
        """A profile during which the target had a processor of its own; skip where there is none to be had."""
        for _ in range(tries):
            before = fixture.waited()
            profile, _ = self.profile(fixture.pid, command)
            if fixture.waited() - before < 0.05 * profile["elapsed_time_sec"]:
                return profile
        self.skip("this machine is too busy to measure shares of time")

    def load_profile(self, path):
        checker = os.path.join(ROOT, "scripts", "dev", "check-profile")
        checked = self.call([sys.executable, checker, path])
        self.equal(checked.status, 0, "check-profile: " + str(checked))
        with open(path, encoding="utf-8") as f:
            return json.load(f)

    # verdicts
    def skip(self, reason):
        raise Skip(reason)

    def true(self, condition, message):
        if not condition:
            raise AssertionError(message)

    def equal(self, got, wanted, message=""):
        if got != wanted:
            raise AssertionError("%.2000r is not %.2000r %s" % (got, wanted, message))

    def near(self, got, wanted, tolerance, message=""):
        if not abs(got - wanted) <= tolerance:
            raise AssertionError("%r is not within %r of %r %s" % (got, tolerance, wanted, message))

    def contains(self, text, part):
        if part not in text:
            raise AssertionError("%r is not in:\n%s" % (part, text))

    def succeeded(self, result):
        self.equal(result.status, 0, str(result))
        self.unharmed(result)

    def failed(self, result, *parts):
        """A status that says so (2 for wrong usage, where a debugger has 1 only), a text, and no crash of ours."""
        self.true(result.status in (1, 2), str(result))
        self.true(result.err.strip(), "no error text: %s" % result)
        for part in parts:
            if part.lower() not in result.err.lower():
                raise AssertionError("the error does not say %r: %s" % (part, result))
        self.unharmed(result)

    def unharmed(self, result):
        for word in ("Traceback (most recent", "internal-error", "AddressSanitizer", "runtime error:", "Fatal signal"):
            if word in result.err + result.out:
                raise AssertionError("%s: %s" % (word, result))

    def goes_on(self, fixture):
        """The target is not held, and runs or sleeps as it did."""
        for _ in range(500):
            if fixture.state() in ("R", "S") and fixture.tracer() == 0:
                return
            time.sleep(0.01)
        raise AssertionError("the target is left in state %r" % fixture.state())

    def stays_stopped(self, fixture):
        """The target stands, not held. A thread that is let go wakes just to stop again (kernel/ptrace.c,
        __ptrace_unlink), and shows as running until a processor is free for that."""
        for _ in range(500):
            if fixture.state() == "T" and fixture.tracer() == 0:
                break
            time.sleep(0.01)
        for _ in range(10):
            self.equal((fixture.state(), fixture.tracer()), ("T", 0))
            time.sleep(0.01)


def run_one(function, python, host):
    """Run a test in this process; returns an exit status. Its fixtures end with it."""
    tmp = tempfile.mkdtemp(prefix="scalene-test-")
    try:
        function(Context(python, host, tmp))
        return 0
    except Skip as why:
        print(why)
        return SKIPPED
    finally:
        shutil.rmtree(tmp, ignore_errors=True)
