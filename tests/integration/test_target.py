"""What the target notices: nothing."""
import fcntl
import os
import signal
import time

import gdb_target
from harness import BUILD, FIXTURES, HERE, test


@test(timeout=90)
def it_goes_on_after_detach(t):
    fixture = t.fixture("split.py")
    for command in ("info", "threads", "bt", "sample 50 --interval 1000 --quiet"):
        t.succeeded(t.scalene(fixture.pid, command))
        t.goes_on(fixture)


def stopped_by_tracer(pid):
    with open("/proc/%d/stat" % pid) as f:
        return f.read().rpartition(")")[2].split()[0] == "t"


def sees_its_own_signals_and_no_other(t, command):
    fixture = t.fixture("signals.py", channel=True)
    before = fixture.ask()
    t.succeeded(t.scalene(fixture.pid, command))
    t.goes_on(fixture)
    after = fixture.ask()
    t.equal((after["int"], after["usr1"], after["cont"]), (0, 0, 0), str(after))
    t.true(after["alarm"] - before["alarm"] > 10, "alarms went on: %s %s" % (before, after))
    t.true(after["reaped"] - before["reaped"] > 3, "children went on: %s %s" % (before, after))
    t.true(0 <= after["started"] - after["reaped"] <= 1, "no child was lost: %s" % after)


@test(timeout=90)
def it_sees_its_own_signals_and_no_other(t):
    sees_its_own_signals_and_no_other(t, "sample 1000 --interval 1000 --quiet")


@test(hosts=("cli",), timeout=90)
def it_sees_its_own_signals_and_no_other_in_stop_mode(t):
    sees_its_own_signals_and_no_other(t, "sample 300 --interval 4000 --mode stop --quiet")


@test(timeout=90)
def a_forking_target_is_sampled_and_its_children_live(t):
    fixture = t.fixture("ends.py", "fork", 0.2)
    profile, _ = t.profile(fixture.pid, "sample 1000 --interval 1000 --quiet")
    t.true(profile["scalene_dbg"]["samples"]["taken"] > 900, str(profile["scalene_dbg"]["samples"]))
    t.goes_on(fixture)


@test(hosts=("cli",), timeout=90)
def the_main_thread_may_have_ended(t):
    """Memory, modules and files are then reached through another thread."""
    fixture = t.fixture("leaderless.py")
    t.contains(t.scalene(fixture.pid, "bt --all").out, "survivor")
    for mode in ("live", "stop"):
        profile, result = t.profile(fixture.pid, "sample 50 --interval 1000 --quiet --mode " + mode)
        t.contains(result.out, "50 taken")
        names = [thread["name"] for thread in profile["scalene_dbg"]["threads"]]
        # Before 3.11 the interpreter does not know its threads' ids, and the kernel has cleared that of the ended one.
        t.true(names == ["survivor"] or (t.python.tuple < (3, 11) and "survivor" in names), str(names))
        t.true(any(path.endswith("leaderless.py") for path in profile["files"]), str(list(profile["files"])))
    t.equal(fixture.process.poll(), None)


@test(pythons="one", hosts=("gdb",), timeout=90)
def the_main_thread_may_end_under_gdb(t):
    ready, path = t.path("ready"), t.path("profile.json")
    os.mkfifo(ready)
    fd = os.open(ready, os.O_RDWR)
    commands = ["set breakpoint pending on", "tbreak getppid", "run"]
    commands += ["scalene sample 50 --interval 1000 --quiet -o " + path, "kill"]
    program = ["--args", t.python.path, os.path.join(FIXTURES, "leaderless.py"), ready]
    result = t.call(t.gdb_argv(None, *commands) + program, env=dict(t.environment, SCALENE_BUILD=BUILD))
    os.close(fd)
    t.unharmed(result)
    t.contains(result.out, "50 samples asked, 50 taken")
    t.equal([thread["name"] for thread in t.load_profile(path)["scalene_dbg"]["threads"]], ["survivor"])


@test(timeout=90)
def a_stopped_target_stays_stopped(t):
    fixture = t.fixture("split.py")
    fixture.stop()
    t.succeeded(t.scalene(fixture.pid, "bt"))
    t.stays_stopped(fixture)
    fixture.signal(signal.SIGCONT)
    t.goes_on(fixture)


@test(hosts=("cli",), timeout=90)
def a_stopped_target_stays_stopped_in_stop_mode(t):
    """Stopped by a signal, it is in a group stop, which a tracer must not end."""
    fixture = t.fixture("threads.py", 3, "blocked")
    fixture.stop()
    result = t.scalene(fixture.pid, "sample 20 --interval 1000 --mode stop --quiet")
    t.succeeded(result)
    t.contains(result.out, "20 samples asked, 20 taken")
    t.stays_stopped(fixture)
    fixture.signal(signal.SIGCONT)
    t.goes_on(fixture)


@test(hosts=("cli",), timeout=90)
def a_signal_that_crosses_a_stop_arrives(t):
    """One after the other, whether the target runs just then or is stopped for a sample."""
    for name in ("ready", "go"):
        os.mkfifo(t.path(name))
    with open(t.path("counters"), "wb") as f:
        f.write(b"\0" * 4096)
    ready = os.open(t.path("ready"), os.O_RDWR)
    target = t.popen([t.python.path, os.path.join(HERE, "gdb_target.py"), t.tmp])
    os.read(ready, 1)
    count = gdb_target.Counters(t.tmp)
    sampler = t.popen([t.cli_path(), "-p", str(target.pid), "sample", "1000000", "-i", "500", "-m", "stop", "-q"])
    while not stopped_by_tracer(target.pid):
        t.equal(sampler.poll(), None)
    for sent in range(1, 501):
        target.send_signal(signal.SIGUSR1)
        end = time.monotonic() + 20
        while count["usr1s"] < sent and time.monotonic() < end:
            time.sleep(0.0003)
        t.equal(count["usr1s"], sent)
    t.equal(sampler.poll(), None, "it has ended before")
    sampler.send_signal(signal.SIGINT)
    t.equal(sampler.wait(20), 0)
    t.equal([count[name] for name in ("ints", "traps", "conts", "chlds")], [0] * 4)
    count["quit"] = 1
    t.equal(target.wait(20), 0)


@test(hosts=("cli",), timeout=90)
def a_thread_that_cannot_stop_is_not_waited_for(t):
    """In vfork(2) a thread stops when its child executes; until then it stands anyway."""
    gate = t.path("gate")
    os.mkfifo(gate)
    fixture = t.fixture("vfork.py", gate)
    while fixture.state() != "D":
        time.sleep(0.01)
    profile, _ = t.profile(fixture.pid, "sample 5 --interval 1000 --mode stop --quiet", timeout=30)
    t.equal(fixture.state(), "D", "its child has executed something")
    t.equal(fixture.tracer(), 0)
    t.equal(profile["scalene_dbg"]["samples"]["taken"], 5)
    t.equal(len(profile["scalene_dbg"]["threads"]), 2)
    with open(gate, "w"):
        t.equal(fixture.process.wait(20), 7)


@test(pythons="one", hosts=("gdb",), timeout=90)
def a_process_that_is_traced_cannot_be_stopped_from_outside(t):
    fixture = t.fixture("split.py")
    result = t.gdb(fixture.pid, "shell %s -p %d sample 5 --mode stop" % (t.cli_path(), fixture.pid))
    t.contains(result.err, "(gdb) traces it: detach it or use --mode live")
    t.goes_on(fixture)


def blocked_in_write(t, fixture):
    """The program, its samples taken, with a standard output that takes nothing; the other end of that."""
    read, write = os.pipe()
    fcntl.fcntl(write, 1031, 4096)  # F_SETPIPE_SZ
    os.write(write, b"x" * 4096)
    process = t.popen([t.cli_path(), "-p", str(fixture.pid), "sample", "5", "--quiet"], stdout=write)
    os.close(write)
    for _ in range(2000):
        with open("/proc/%d/syscall" % process.pid) as f:
            if f.read().startswith("1 0x1 "):  # x86-64
                return process, read
        time.sleep(0.005)
    raise AssertionError("it does not write")


@test(pythons="one", hosts=("cli",), timeout=90)
def two_interrupts_at_once_are_one(t):
    """timeout(1) signals the process, and then its group; a second Ctrl-C that comes later ends the program."""
    fixture = t.fixture("split.py")
    process, pipe = blocked_in_write(t, fixture)
    for _ in range(5):
        process.send_signal(signal.SIGINT)
        time.sleep(0.01)
    os.read(pipe, 4096)
    t.equal(process.wait(10), 0)
    t.contains(os.read(pipe, 4096).decode(), "5 samples asked")
    process, pipe = blocked_in_write(t, fixture)
    process.send_signal(signal.SIGINT)
    time.sleep(0.6)
    t.equal(process.poll(), None)
    process.send_signal(signal.SIGINT)
    t.equal(process.wait(10), -signal.SIGINT)


@test(hosts=("cli",), timeout=90)
def ctrl_c_keeps_what_was_gathered(t):
    fixture = t.fixture("split.py")
    path = t.path("partial.json")
    process = t.popen([t.cli_path(), "-p", str(fixture.pid), "sample", "100000", "--interval", "1000", "-o", path])
    fixture.sampled()
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    process.wait(10)
    t.true(os.path.exists(path), "nothing was kept")
    t.true(t.load_profile(path)["scalene_dbg"]["samples"]["taken"] > 0, "no sample was kept")
    t.goes_on(fixture)


@test(hosts=("gdb", "lldb"), timeout=90)
def it_is_stopped_at_the_prompt_before_and_after(t):
    fixture = t.fixture("split.py")
    look = "shell grep State: /proc/%d/status" % fixture.pid
    result = t.debugger(fixture.pid, look, "scalene sample 50 --interval 1000 --quiet", look, "scalene bt")
    t.succeeded(result)
    t.equal(result.out.count("tracing stop"), 2, str(result))
    t.goes_on(fixture)
