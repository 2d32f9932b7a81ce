"""Several interpreters in one process, and interpreters that live in another program."""
import glob
import os
import re
import shutil

from harness import at_rest, test

NAMES = {0: {"MainThread", "runs 1", "runs 2"}, 1: {"worker of 1"}, 2: {"worker of 2"}}


def of_interpreter(threads, number):
    return [thread for thread in threads if thread["interpreter"] == number]


def functions(thread):
    return [frame["name"] for frame in thread["frames"]]


@test(pythons="every")
def threads_of_each_interpreter(t):
    """A thread that runs another interpreter has a thread state in each: both are shown, and one says so."""
    fixture = at_rest(t.fixture("interpreters.py"))
    t.equal(t.json(fixture.pid, "info")["interpreters"], 3)
    threads = t.json(fixture.pid, "bt --all")["threads"]
    t.equal({thread["name"] for thread in of_interpreter(threads, 0)}, NAMES[0])
    lwps = {thread["name"]: thread["lwp"] for thread in of_interpreter(threads, 0)}
    inner = {thread["name"]: thread.get("inner_interpreter") for thread in of_interpreter(threads, 0)}
    t.equal(inner, {"MainThread": None, "runs 1": 1, "runs 2": 2})
    for n in (1, 2):
        outer, worker = of_interpreter(threads, n)
        t.equal((outer["lwp"], worker["name"]), (lwps["runs %d" % n], "worker of %d" % n))
        t.equal(functions(outer), ["<module>", "main_of_%d" % n])
        t.equal(functions(worker)[-1], "worker_of_%d" % n)
        t.equal({thread["stack"] for thread in (outer, worker)}, {"complete"})
    shown = t.scalene(fixture.pid, "threads")
    t.succeeded(shown)
    t.contains(shown.out, " in interpreter 2 ")
    t.goes_on(fixture)


@test(timeout=90)
def a_thread_is_counted_in_one_interpreter(t):
    fixture = at_rest(t.fixture("interpreters.py"))
    profile, _ = t.profile(fixture.pid, "sample 50 --interval 1000 --quiet --profile-all")
    threads = profile["scalene_dbg"]["threads"]
    t.equal(len({thread["lwp"] for thread in threads}), 5, str(threads))
    t.equal(len(threads), 5, str(threads))
    t.equal([thread["samples"] for thread in threads if thread["samples"] < 48], [])
    names = {frame["display_name"] for frames, _ in profile["combined_stacks"] for frame in frames}
    t.true({"main_of_1", "main_of_2"} <= names, str(names))
    t.true({"worker of 1", "worker of 2"} <= {thread["name"] for thread in threads}, str(threads))


# -- a Python in another program --------------------------------------------------------------------------------

WAITS = """
import time
def inside():
    with open(%r, "w") as f: f.write("ready")
    time.sleep(100)
inside()
"""


@test(pythons="one")
def the_interpreter_of_gdb(t):
    """A program that is no Python and has one: GDB, which links a libpython."""
    gdb = shutil.which("gdb")
    if not gdb:
        t.skip("no gdb")
    fifo, script = t.fifo("ready"), t.path("waits.py")
    with open(script, "w") as f:
        f.write(WAITS % fifo)
    target = t.popen([gdb, "-nx", "-q", "-batch", "-x", script])
    with open(fifo) as f:
        f.read()
    try:
        info = t.scalene(target.pid, "info")
        t.succeeded(info)
        t.contains(info.out, "executable    " + os.path.realpath(gdb))
        stacks = t.scalene(target.pid, "bt --all")
        t.succeeded(stacks)
        t.contains(stacks.out, ", in inside\n    time.sleep(100)\n")
        profile, _ = t.profile(target.pid, "sample 50 --interval 1000 --quiet")
        t.true(any(path.endswith("waits.py") for path in profile["files"]), str(list(profile["files"])))
    finally:
        target.kill()
        target.wait()


def with_another_library(t):
    """A process with a libpython of another version, its path and version. Not every two get along with each other."""
    for path in sorted(glob.glob(os.path.expanduser("~/.pyenv/versions/*/lib/libpython3.*.so.1.0"))):
        match = re.search(r"libpython3\.(\d+)\.so", path)
        if match and int(match.group(1)) >= 8 and int(match.group(1)) != t.python.tuple[1]:
            try:
                return t.fixture("two_pythons.py", path), path, "3.%s." % match.group(1)
            except AssertionError as died:
                t.true("did not say ready" in str(died), str(died))
    t.skip("no libpython in ~/.pyenv/versions that this interpreter can load beside its own")


@test(timeout=90)
def two_pythons_in_one_process(t):
    """The one is read that the process has started with, and the other is named."""
    fixture, path, version = with_another_library(t)
    info = t.json(fixture.pid, "info")
    t.equal(info["python"], t.python.version)
    t.true(re.match(r"CPython %s\d+ in %s$" % (re.escape(version), re.escape(path)), info["not_read"]), str(info))
    t.contains(t.scalene(fixture.pid, "info").out, "not read      CPython " + version)
    t.contains(t.scalene(fixture.pid, "bt").out, ", in in_the_first\n")
