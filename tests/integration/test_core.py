"""Core dumps: of the kernel and of GDB, whole and damaged, with and without the files that belong to them."""
import os
import re
import shutil
import signal
import subprocess

from cores import Core, core_of, gcore_of, mortal, needs_kernel_cores
from harness import at_rest, test

CRASHES = {
    "segv": ("SIGSEGV", "in_c_code"),
    "overflow": ("SIGSEGV", "calls_itself"),
    "abort": ("SIGABRT", "in_a_thread"),
    "quit": ("SIGQUIT", "quits"),
}


def crashed(t, how):
    needs_kernel_cores(t)
    fixture = mortal(t, "crash.py", how, wait=False)
    with open(fixture.fifos["ready"]) as f:  # it dies as soon as it has said so
        f.read()
    return core_of(t, fixture)


def maps_of(pid):
    """Paths of the program and of libpython."""
    with open("/proc/%d/maps" % pid) as f:
        paths = {line.split(None, 5)[5].strip() for line in f if len(line.split(None, 5)) == 6}
    exe = os.readlink("/proc/%d/exe" % pid)
    return {exe} | {path for path in paths if "/libpython" in path}


def copied(t, paths):
    """A directory that has just these files, where they belong."""
    root = t.path("sysroot")
    for path in paths:
        os.makedirs(os.path.dirname(root + path), exist_ok=True)
        shutil.copy(path, root + path)
    os.makedirs(root, exist_ok=True)
    return root


# -- what it says of a death ------------------------------------------------------------------------------


@test(timeout=90)
def a_death_begins_the_report(t):
    for how, (name, function) in CRASHES.items():
        core = crashed(t, how)
        result = t.scalene(core, "post-mortem")
        t.succeeded(result)
        t.true(re.match(r"died +%s \(\d+\)" % name, result.out), str(result))
        lwp = int(re.search(r"^died .* in thread (\d+)", result.out, re.M).group(1))
        t.equal(lwp == core.pid, how != "abort", str(result))
        stack = result.out.partition("-- where it was: bt\n")[2].partition("\n\n")[0]
        t.contains(stack, "Thread %d " % lwp)
        t.contains(stack, ", in %s\n" % function)
        if how == "segv":
            t.contains(result.out, "address 0x8 is not mapped")
        t.equal("(stack overflow)" in result.out, how == "overflow", str(result))
        os.unlink(core.path)


@test(pythons="one")
def no_command_is_a_post_mortem(t):
    core = crashed(t, "segv")
    if t.host == "cli":
        t.equal(t.cli("-c", core.path).out, t.cli("-c", core.path, "post-mortem").out)
    document = t.json(core, "post-mortem")
    t.equal((document["death"]["signal_name"], document["death"]["address"]), ("SIGSEGV", "0x8"))
    t.equal([file for file in document["files"] if "problem" in file], [])
    living = t.fixture("sleeper.py")
    t.failed(t.scalene(living.pid, "post-mortem"), "lives")


# -- what it says of a life -------------------------------------------------------------------------------


@test(timeout=120)
def tasks_are_those_of_the_process(t):
    fixture = mortal(t, "waits.py", channel=True)
    fixture.ask()
    at_rest(fixture)
    before = {command: t.json(fixture.pid, command) for command in ("tasks", "threads")}
    core = core_of(t, fixture, signal.SIGQUIT)
    left = [row["wait"]["seconds_left"] for row in before["tasks"]["tasks"] if "seconds_left" in row.get("wait", {})]
    last = [row["wait"]["seconds_left"] for row in t.json(core, "tasks")["tasks"] if "seconds_left" in row.get("wait", {})]
    t.equal(len(last), len(left))
    for early, late in zip(last, left):  # the loop's last look at its clock was before ours
        t.true(late - 0.5 <= early < late + 30, "%s s left, and before %s" % (early, late))
    for command, document in before.items():
        for got, wanted in zip(summary(t.json(core, command)), summary(document)):
            t.equal(got, wanted, command)
    report = t.scalene(core, "await-report --limit 0")
    t.succeeded(report)
    t.contains(report.out, "(core)")
    t.contains(report.out, "orphan Future")
    t.true(re.search(r"timer, at most \d+\.\d s left", report.out), str(report))


def summary(document):
    """All that is said of each thread or task but times, and what only a kernel knows of a descriptor."""
    rows = document.get("tasks") or document["threads"]
    for row in rows:
        for thread in (row, row.get("wait", {}).get("thread", {})):
            thread.pop("kernel_name", None)
        for key in ("text", "endpoint", "seconds_left", "timeout_seconds_left"):
            row.get("wait", {}).pop(key, None)
    return rows


@test(timeout=90)
def peers_are_those_of_the_process(t):
    """The kernel told them of the living process; asyncio noted them itself, but not the state of a connection."""
    fixture = mortal(t, "peers.py")
    living = endpoints(t.json(fixture.pid, "tasks"))
    core = core_of(t, fixture, signal.SIGQUIT)
    dead = endpoints(t.json(core, "tasks"))
    t.true(len(living) >= 2 and "tcp" in living and re.match(r"tcp 127\.0\.0\.1:\d+$", living["tcp"]), str(living))
    t.true(re.match(r"unix /\S+/peer\.sock$", dead.pop("unix")), str(dead))  # the kernel tells it of the other end only
    living.pop("unix")
    t.equal(dead, living)
    t.contains(t.scalene(core, "diagnose").out, "readable: " + living["tcp"])


def endpoints(document):
    rows = [(row["name"], row.get("wait") or row.get("waits_for") or {}) for row in document["tasks"]]
    return {name: wait["endpoint"].replace(" ESTABLISHED", "") for name, wait in rows
            if "endpoint" in wait and not name.startswith("Task-")}


@test(pythons="one", timeout=120)
def every_kind_of_core(t):
    """GDB's own, and the kernel's with all that it can save, and with as little as will do."""
    fixture = at_rest(t.fixture("asyncio_idle.py"))
    gcore = gcore_of(t, fixture)
    wanted = t.scalene(gcore, "bt").out
    t.contains(wanted, "run_forever")
    t.contains(t.scalene(gcore, "post-mortem").out, "of a living process")
    needs_kernel_cores(t)
    for mask in ("0x7f", "0x33", "0x01"):
        fixture = at_rest(mortal(t, "asyncio_idle.py"))
        with open("/proc/%d/coredump_filter" % fixture.pid, "w") as f:
            f.write(mask)
        result = t.scalene(core_of(t, fixture, signal.SIGABRT), "bt")
        t.succeeded(result)
        t.equal(*[re.sub(r"Thread \d+", "Thread", text) for text in (result.out, wanted)])


@test(pythons="one", hosts=("cli", "lldb"))
def a_minidump_of_lldb(t):
    """LLDB 14 saves stacks alone, in which there is nothing of Python's but what the kernel knows."""
    if not shutil.which("lldb"):
        t.skip("no lldb")
    fixture = at_rest(t.fixture("asyncio_idle.py"))
    save = "process save-core --plugin-name=minidump --style=%s " + t.path("dump")
    whole = t.lldb(fixture.pid, save % "full").status == 0
    if not whole:
        t.succeeded(t.lldb(fixture.pid, save % "stack"))
    core = Core(t.path("dump"), fixture.pid)
    result = t.scalene(core, "post-mortem")
    t.contains(result.out, "of a living process (stopped by SIGSTOP), thread %d\n" % fixture.pid)
    if whole:
        t.succeeded(result)
        t.equal(t.scalene(core, "bt").out, t.scalene(fixture.pid, "bt").out)
    else:
        t.true(re.search("^thread    %d, blocked in (epoll_wait|a system call)$" % fixture.pid, result.out, re.M), str(result))
        t.failed(result, "a minidump has them with --style=full")


@test(pythons="one")
def a_sample_is_one_snapshot(t):
    core = core_of(t, at_rest(mortal(t, "asyncio_idle.py")), signal.SIGQUIT)
    profile, result = t.profile(core, "sample 500")
    t.contains(result.out, "A core dump does not run: one sample instead of 500.")
    t.contains(result.out, "500 samples asked, 1 taken")
    path = t.path("dumped.json")
    t.succeeded(t.scalene(core, "dump " + path))  # a debugger of its own, which has been asked for no sample
    dumped = t.load_profile(path)
    t.equal(*[[timeless(line) for detail in p["files"].values() for line in detail["lines"]] for p in (dumped, profile)])
    t.equal(dumped["combined_stacks"], profile["combined_stacks"])
    report = t.scalene(core, "report")
    t.succeeded(report)
    t.contains(report.out, "1 sample asked, 1 taken")


def timeless(line):
    """What a line of a snapshot says but when it was taken."""
    return {key: value for key, value in line.items() if key != "cpu_samples_list"}


# -- files that are not there, or not the ones ---------------------------------------------------------------


@test(timeout=90)
def files_in_a_sysroot(t):
    """As those of a container: the program and libpython alone suffice; without them, what is missing is said."""
    fixture = at_rest(mortal(t, "asyncio_idle.py"))
    root = copied(t, maps_of(fixture.pid))
    core = core_of(t, fixture, signal.SIGQUIT)
    found = in_sysroot(t, core, root, "bt")
    t.succeeded(found)
    t.contains(found.out, "run_forever")
    if t.host == "lldb":
        return  # it finds the program at its own path, whatever the sysroot is, and gives it to us
    shutil.rmtree(root)
    os.mkdir(root)
    lost = in_sysroot(t, core, root, "post-mortem")
    t.true(re.search(r"^missing +the file of \S*python\S* .*looked at %s/" % re.escape(root), lost.out, re.M), str(lost))
    t.contains(lost.out, "cookie of _Py_DebugOffsets" if t.python.tuple >= (3, 13) else "list of interpreters in its data")
    t.contains(lost.out, "in run_forever")


def in_sysroot(t, core, root, command):
    if t.host == "cli":
        return t.scalene(Core(core.path, core.pid, "--sysroot", root), command)
    if t.host == "lldb":
        return t.lldb(None, "platform select --sysroot %s remote-linux" % root, "target create -c " + core.path, "scalene " + command)
    return t.gdb(None, "set sysroot " + root, "core-file " + core.path, "scalene " + command)


@test(pythons="one")
def a_wrong_program(t):
    core = core_of(t, mortal(t, "sleeper.py"), signal.SIGQUIT)
    wrong = shutil.which("gdb") or "/bin/sh"
    if t.host == "cli":
        result = t.scalene(Core(core.path, core.pid, "-e", wrong), "bt")
    elif t.host == "lldb":
        result = t.lldb(None, "target create %s -c %s" % (wrong, core.path), "scalene bt")
    else:
        result = t.gdb(None, "file " + wrong, "core-file " + core.path, "scalene bt")
    t.failed(result, "is not the file of this core")
    t.true("File \"" not in result.out, str(result))


@test(pythons="one")
def words_of_the_command_line(t):
    if t.host != "cli":
        return
    t.failed(t.cli("-c", "/nowhere/core", "bt"), "cannot open /nowhere/core")
    t.failed(t.cli("-c", t.python.path, "bt"), "is no core dump")
    t.failed(t.cli("-c", "/etc/passwd", "bt"), "not a readable ELF file")
    t.failed(t.cli("-c", "/tmp", "bt"))
    t.failed(t.cli("-c", "core", "-p", "1", "bt"), "name one of them")
    t.failed(t.cli("-e", "exe", "bt"), "-c")
    core = core_of(t, mortal(t, "sleeper.py"), signal.SIGQUIT)
    t.failed(t.cli("-c", core.path, "--sysroot", "/nowhere", "bt"), "/nowhere")


# -- damage ----------------------------------------------------------------------------------------------------


@test(pythons="one", timeout=120)
def a_truncated_core(t):
    core = core_of(t, mortal(t, "waits.py", channel=True), signal.SIGQUIT)
    size = os.path.getsize(core.path)
    answers = 0
    for left in (size, size - 200000, *(int(size * part) for part in (0.9, 0.5, 0.05, 0.001, 0))):
        os.truncate(core.path, left)
        result = t.scalene(core, "post-mortem")
        t.unharmed(result)
        t.true(result.status in (0, 1), str(result))
        t.true(result.status == 0 or result.err.strip(), str(result))
        answers += result.status == 0
        if size // 100 < left < size:
            t.contains(result.out, "the core is truncated")
    t.true(answers >= 2, "only %d answers" % answers)


@test(pythons="one", hosts=("cli",), timeout=180)
def damage_at_a_thousand_places(t):
    core = core_of(t, mortal(t, "waits.py", channel=True), signal.SIGQUIT)
    helper = os.path.join(os.path.dirname(t.cli_path()), "damage_core")
    result = t.call([helper, core.path, "1000"], timeout=170)
    t.succeeded(result)
    answers, errors = map(int, re.search(r"(\d+) answers, (\d+) errors", result.out).groups())
    t.equal(answers + errors, 1000, str(result))
    t.true(answers > 100 and errors > 10, str(result))


# -- compression ----------------------------------------------------------------------------------------------


@test(pythons="one", hosts=("cli",))
def compressed_cores(t):
    core = core_of(t, mortal(t, "sleeper.py"), signal.SIGQUIT)
    wanted = t.scalene(core, "bt").out
    t.contains(wanted, "sleep")
    for program in ("zstd", "lz4", "xz", "gzip"):
        if not shutil.which(program):
            t.skip(program + " is not there")
        packed = core.path + "." + program
        with open(packed, "wb") as f:
            subprocess.run([program, "-1", "-c", core.path], stdout=f, check=True)
        t.equal(t.scalene(Core(packed, core.pid), "bt").out, wanted, program)
        os.truncate(packed, os.path.getsize(packed) // 2)
        t.unharmed(t.scalene(Core(packed, core.pid), "bt"))
        t.environment["PATH"] = "/nowhere"
        t.failed(t.scalene(Core(packed, core.pid), "bt"), "the program %s cannot be started" % program)
        t.environment["PATH"] = os.environ["PATH"]
