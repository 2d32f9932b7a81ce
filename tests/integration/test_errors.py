"""Bad input: a clear error, a status, nothing lost, the debugger unharmed."""
import os
import resource
import signal
import subprocess
import sys
import threading
import time

from harness import BUILD, test


def zombie(t):
    """A process that has ended and that nobody has waited for."""
    child = t.popen([t.python.path, "-c", "pass"])
    while True:
        with open("/proc/%d/stat" % child.pid) as f:
            if f.read().rpartition(")")[2].split()[0] == "Z":
                return child
        time.sleep(0.01)


def unused_pid():
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    child.wait()
    return child.pid


@test(pythons="one", hosts=("cli",))
def no_such_process(t):
    for command in ("info", "threads", "bt", "sample 5"):
        t.failed(t.scalene(unused_pid(), command), "no process")


@test(pythons="one", hosts=("cli",))
def a_zombie(t):
    child = zombie(t)
    for command in ("info", "sample 5"):
        t.failed(t.scalene(child.pid, command), "zombie")
    child.wait()


@test(pythons="one")
def not_a_python(t):
    child = t.popen(["sleep", "100"])
    for command in ("info", "threads", "bt", "sample 5"):
        t.failed(t.scalene(child.pid, command), "python")
    child.kill()
    child.wait()


@test(pythons="one")
def bad_numbers(t):
    fixture = t.fixture("sleeper.py")
    for words in ("0", "-1", "abc", "", "1.5", "99999999999999999999999999", "5 6", "5 --interval -1", "5 --interval x"):
        result = t.scalene(fixture.pid, "sample " + words)
        t.failed(result)
    t.goes_on(fixture)


@test(pythons="one")
def unknown_words(t):
    fixture = t.fixture("sleeper.py")
    t.failed(t.scalene(fixture.pid, "sample 5 --no-such-option"), "--no-such-option")
    t.failed(t.scalene(fixture.pid, "sample 5 --format nosuch"), "nosuch", "scalene")
    t.failed(t.scalene(fixture.pid, "sample 5 --mode nosuch"), "nosuch", "live")
    t.failed(t.scalene(fixture.pid, "sample 5 --threads nosuch"), "nosuch")
    t.failed(t.scalene(fixture.pid, "nosuchcommand"), "nosuchcommand")
    t.goes_on(fixture)


@test(pythons="one")
def an_unwritable_output_is_said_before_sampling(t):
    fixture = t.fixture("sleeper.py")
    start = time.monotonic()
    result = t.scalene(fixture.pid, "sample 1000 --interval 10000 -o /no/such/directory/profile.json")
    t.failed(result, "/no/such/directory")
    t.true(time.monotonic() - start < 8, "it sampled for ten seconds first")
    t.goes_on(fixture)


def with_small_files(t, pid, command):
    """The command in a process whose files may have 2000 bytes: a disk that is full by then."""

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))

    argv = [t.cli_path(), "-p", str(pid)] + command.split()
    if t.host != "cli":
        argv = t.debugger_argv(pid, "scalene " + command)
    environment = dict(t.environment, SCALENE_BUILD=BUILD)
    return t.call(argv, preexec_fn=limit, env=environment)


@test(pythons="one")
def a_file_is_never_half_written(t):
    fixture = t.fixture("threads.py", 20, "blocked")
    kept, new = t.path("keep.json"), t.path("keep-new.json")
    with open(kept, "w") as f:
        f.write("before")
    for path in (kept, new):
        for command in ("sample 3 --interval 0 --quiet -o ", "bt --all --json "):
            t.failed(with_small_files(t, fixture.pid, command + path), "cannot write " + path, "too large")
            with open(kept) as f:
                t.equal(f.read(), "before")
            t.equal([name for name in os.listdir(t.tmp) if name.startswith("keep")], ["keep.json"])
    t.succeeded(t.scalene(fixture.pid, "bt --all --json " + kept))
    t.true(os.path.getsize(kept) > 2000, "the limit has not been in the way")


@test(pythons="one")
def a_file_beyond_the_limit_on_sizes_is_an_error(t):
    """RLIMIT_FSIZE comes with SIGXFSZ, which ends a program that does not expect it."""
    fixture = t.fixture("split.py")
    path = t.path("big.json")
    words = ["sample", "5", "--quiet", "-o", path]
    argv = [t.cli_path(), "-p", str(fixture.pid)] + words
    if t.host != "cli":
        argv = t.debugger_argv(fixture.pid, "scalene " + " ".join(words), *(["echo still-here\\n"] if t.host == "gdb" else []))
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))
    result = t.call(argv, preexec_fn=limit, env=dict(t.environment, SCALENE_BUILD=BUILD))
    t.contains(result.err, "cannot write %s: File too large" % path)
    t.contains(result.out, "5 samples asked, 5 taken")
    if t.host == "gdb":
        t.contains(result.out, "still-here")
    else:
        t.equal(result.status, 1, str(result))
    t.equal([name for name in os.listdir(t.tmp) if name.startswith("big")], [])
    t.goes_on(fixture)


@test(pythons="one")
def report_and_dump_without_samples(t):
    fixture = t.fixture("sleeper.py")
    for command in ("report", "dump " + t.path("x.json")):
        t.failed(t.scalene(fixture.pid, command), "sample")


@test(pythons="one")
def no_process_at_all(t):
    for command in ("info", "sample 5"):
        t.failed(t.scalene(None, command))
    t.succeeded(t.scalene(None, "help"))


@test(pythons="one", hosts=("cli",))
def refused_by_the_kernel_names_the_remedy(t):
    if os.geteuid() != 0:
        t.skip("needs root, to become another user")
    fixture = t.fixture("sleeper.py")
    program = os.path.join(os.path.dirname(t.tmp), "scalene-dbg-%d" % os.getpid())
    with open(t.cli_path(), "rb") as source, open(program, "wb") as copy:
        copy.write(source.read())  # the build directory may be closed to other users
    os.chmod(program, 0o755)
    try:
        result = t.call([program, "-p", str(fixture.pid), "info"], preexec_fn=lambda: os.setuid(65534))
    finally:
        os.unlink(program)
    t.failed(result, "not allowed")
    t.true(any(word in result.err for word in ("sudo", "root", "CAP_SYS_PTRACE", "same user")), str(result))


@test(pythons="one", hosts=("gdb",))
def gdb_goes_on_after_an_error(t):
    fixture = t.fixture("sleeper.py")
    result = t.gdb(fixture.pid, "scalene sample 0", "scalene nosuch", "scalene bt", "echo still-here\\n")
    t.contains(result.out, "still-here")
    t.contains(result.out, "sleep_here")
    t.unharmed(result)
    t.goes_on(fixture)


@test(pythons="one", hosts=("gdb",))
def gdb_says_that_the_process_has_ended(t):
    """Killed at the prompt; GDB has not noticed yet."""
    for command in ("info", "sample 5"):
        pid = t.fixture("sleeper.py").pid
        kill = "shell kill -9 %d; until grep -q 'State:.Z' /proc/%d/status; do :; done" % (pid, pid)
        t.failed(t.gdb(pid, kill, "scalene " + command), "process %d has ended" % pid)


def has_lines(t, profile, file):
    """The target is gone, its source files are not."""
    (detail,) = [detail for path, detail in profile["files"].items() if path.endswith("/" + file)]
    t.true(detail["lines"] and detail["functions"], "%s has no lines" % file)


@test(timeout=90)
def a_target_that_exits_meanwhile_keeps_its_samples(t):
    fixture = t.fixture("ends.py", "exit", 2.0)
    path = t.path("partial.json")
    result = t.scalene(fixture.pid, "sample 20000 --interval 1000 -o " + path)
    t.unharmed(result)
    profile = t.load_profile(path)
    t.true(profile["scalene_dbg"]["samples"]["taken"] > 10, str(profile["scalene_dbg"]["samples"]))
    t.true(profile["scalene_dbg"]["ended_early"], "it does not say why it ended early")
    has_lines(t, profile, "ends.py")
    t.equal(fixture.process.wait(10), 7)


@test(timeout=90)
def a_target_that_crashes_meanwhile_keeps_its_samples(t):
    fixture = t.fixture("ends.py", "crash", 2.0)
    path = t.path("partial.json")
    result = t.scalene(fixture.pid, "sample 20000 --interval 1000 -o " + path)
    t.unharmed(result)
    profile = t.load_profile(path)
    t.true(profile["scalene_dbg"]["samples"]["taken"] > 10, str(profile["scalene_dbg"]["samples"]))
    if t.host == "lldb":  # it lets go without the signal, which here came from kill(2)
        t.goes_on(fixture)
    else:
        t.equal(fixture.process.wait(10), -signal.SIGSEGV)


@test(timeout=90)
def a_target_that_execs_meanwhile_keeps_its_samples(t):
    fixture = t.fixture("ends.py", "exec", 2.0)
    path = t.path("partial.json")
    result = t.scalene(fixture.pid, "sample 4000 --interval 1000 -o " + path)
    t.unharmed(result)
    profile = t.load_profile(path)
    t.true(profile["scalene_dbg"]["samples"]["taken"] > 10, str(profile["scalene_dbg"]["samples"]))
    t.goes_on(fixture)


def kill_when_sampled(fixture):
    fixture.sampled()
    time.sleep(0.5)
    fixture.signal(signal.SIGKILL)


@test(timeout=90)
def a_target_that_is_killed_meanwhile_keeps_its_samples(t):
    fixture = t.fixture("split.py")
    path = t.path("partial.json")
    killer = threading.Thread(target=kill_when_sampled, args=(fixture,))
    killer.start()
    result = t.scalene(fixture.pid, "sample 20000 --interval 1000 -o " + path)
    killer.join()
    t.unharmed(result)
    profile = t.load_profile(path)
    t.true(profile["scalene_dbg"]["samples"]["taken"] > 10, str(result))
    has_lines(t, profile, "split.py")
