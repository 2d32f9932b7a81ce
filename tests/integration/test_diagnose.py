"""diagnose: each state that it tells apart, produced by tests/fixtures/states.py."""
import os
import signal
import subprocess
import time

from harness import test


class Process:
    """What `diagnose` is asked about, where that is no fixture but a child of one."""

    def __init__(self, pid):
        self.pid = pid


def in_call(pid, *calls):
    """Wait until the main thread is in one of these system calls; "running": in none."""
    numbers = {"futex": "202", "clock_nanosleep": "230", "pselect6": "270", "select": "23", "poll": "7", "epoll_wait": "232"}
    numbers.update({"epoll_pwait": "281", "running": "running"})
    wanted = {numbers[call] for call in calls}
    for _ in range(1000):
        with open("/proc/%d/syscall" % pid) as f:
            if f.read().split()[0] in wanted:
                return
        time.sleep(0.01)
    raise AssertionError("the fixture is never in %s" % (calls,))


def cpu_ticks(pid):
    """User time of the main thread; 10 ms are the least that the kernel shows of it."""
    with open("/proc/%d/task/%d/stat" % (pid, pid)) as f:
        return int(f.read().rpartition(")")[2].split()[11])


def uses_cpu(pid):
    """Wait until the main thread has been at work for some time: it is "ready" a moment before that."""
    before = cpu_ticks(pid)
    for _ in range(3000):
        if cpu_ticks(pid) >= before + 3:
            return
        time.sleep(0.01)
    raise AssertionError("the main thread of the fixture does nothing")


def waits_on(pid):
    """Wait until the main thread is in futex(2) time and again: one that is kept from a processor is not there."""
    seen = 0
    for _ in range(3000):
        with open("/proc/%d/syscall" % pid) as f:
            seen = seen + 1 if f.read().split()[0] == "202" else 0
        if seen == 10:
            return
        time.sleep(0.01)
    raise AssertionError("the main thread of the fixture does not wait")


SLEEPS = ("clock_nanosleep", "pselect6", "select")  # time.sleep(): since 3.11, before


def diagnose(t, process, *calls):
    if calls:
        in_call(process.pid, *calls)
    if "running" in calls:
        uses_cpu(process.pid)
    return t.json(process.pid, "diagnose")


def names(answer):
    return [frame["name"] for frame in answer["frames"]]


def passed(answer):
    return [check["passed"] for check in answer["checks"]]


def called(answer, *calls):
    return any(call in answer["sentence"] for call in calls)


# -- event loops


@test()
def an_idle_loop_with_suspended_tasks(t):
    fixture = t.fixture("asyncio_idle.py", 5)
    answer = diagnose(t, fixture, "epoll_wait", "epoll_pwait")
    t.equal(answer["verdict"], "loop-idle")
    t.contains(answer["sentence"], "6 tasks are suspended")
    t.equal((passed(answer), answer["failed_check"]), ([True, True, True], None))
    t.equal((answer["frames"][0]["name"], answer["frames"][0]["user"]), ("select", False))
    t.equal(answer["frames"][0]["option"], "--profile-all")
    t.equal(answer["next"], "tasks")


@test()
def an_idle_server_without_a_task(t):
    fixture = t.fixture("states.py", "idle_server")
    answer = diagnose(t, fixture, "epoll_wait", "epoll_pwait")
    t.equal(answer["verdict"], "loop-idle-no-tasks")
    (loop,) = answer["loops"]
    t.equal((loop["idle"], loop["timers"], loop["nfds"], loop["suspended"]), (True, 1, 3, 0))
    t.equal(sorted(fd["state"] for fd in loop["fds"]), ["ESTABLISHED", "ESTABLISHED", "LISTEN"])
    t.equal((passed(answer), answer["failed_check"]), ([True, False, False], "suspended tasks are found"))
    result = t.scalene(fixture.pid, "diagnose")
    t.succeeded(result)
    t.true(result.out.startswith("The event loop is idle and has no task"), result)
    t.contains(result.out, "tcp listening on 127.0.0.1:")


@test()
def a_loop_blocked_by_a_system_call(t):
    for state, calls in (("blocked_sleep", SLEEPS), ("blocked_socket", ("poll",))):
        answer = diagnose(t, t.fixture("states.py", state), *calls)
        t.equal((answer["verdict"], answer["frames"][0]["name"]), ("loop-blocked", "callback"))
        t.true(called(answer, *calls), answer["sentence"])
        t.equal(passed(answer), [False, True, True])


@test()
def a_loop_blocked_in_native_code(t):
    answer = diagnose(t, t.fixture("states.py", "blocked_native"), "running")
    t.equal((answer["verdict"], answer["frames"][0]["name"]), ("loop-blocked", "callback"))
    t.contains(answer["sentence"], "native code")


@test()
def a_busy_loop_and_a_starving_one(t):
    answer = diagnose(t, t.fixture("states.py", "busy"), "running")
    t.equal((answer["verdict"], answer["frames"][0]["name"]), ("loop-busy", "callback"))
    answer = diagnose(t, t.fixture("states.py", "starving"), "running")
    t.equal(answer["verdict"], "loop-starving")
    t.contains(answer["sentence"], "300 callbacks wait")


@test()
def a_foreign_loop(t):
    found = []
    for module in ("uvloop", "trio"):
        if subprocess.run([t.python.path, "-c", "import " + module], stderr=subprocess.DEVNULL).returncode != 0:
            continue
        found.append(module)
        answer = diagnose(t, t.fixture("states.py", module), "epoll_wait", "epoll_pwait")
        t.equal((answer["verdict"], answer["foreign_loop"]), ("foreign-loop", module))
        t.contains(answer["sentence"], module)
        t.equal(passed(answer)[0], module == "uvloop")
    if not found:
        t.skip("this interpreter has neither uvloop nor trio installed")


# -- the interpreter


@test()
def who_holds_the_gil(t):
    fixture = t.fixture("states.py", "gil")
    waits_on(fixture.pid)  # "ready" is a moment before the keeper's long call
    for _ in range(5):
        answer = diagnose(t, fixture)
        if answer["verdict"] == "waiting-for-gil":
            break  # it wakes up every 5 ms to ask again (take_gil, Python/ceval_gil.c), and may be seen to run then
    t.equal((answer["verdict"], answer["gil_holder"]["name"]), ("waiting-for-gil", "keeper"))
    t.contains(answer["sentence"], "running native code at keep ")


@test()
def the_garbage_collector(t):
    fixture = t.fixture("states.py", "collecting")
    time.sleep(0.2)
    t.equal(diagnose(t, fixture)["verdict"], "garbage-collection")


@test()
def a_finalizer_of_the_garbage_collector(t):
    answer = diagnose(t, t.fixture("states.py", "finalizer"), *SLEEPS)
    t.equal((answer["verdict"], answer["frames"][0]["name"]), ("garbage-collection", "__del__"))


@test()
def only_library_frames(t):
    fixture = t.fixture("states.py", "library")
    answer = diagnose(t, fixture, "futex")
    t.equal((answer["verdict"], any(frame["user"] for frame in answer["frames"])), ("library-only", False))
    t.equal([answer["frames"][i]["rule"] for i in (0, -1)], ["the path contains a directory of this Python", "not a file"])
    t.equal(answer["next"], "sample 500 --profile-all")
    result = t.scalene(fixture.pid, "diagnose")
    t.contains(result.out, "; --profile-all shows it")
    t.contains(result.out, "asyncio is not imported")


@test()
def starting_and_importing(t):
    t.equal(diagnose(t, t.fixture("states.py", "starting"), *SLEEPS)["verdict"], "starting")
    answer = diagnose(t, t.fixture("states.py", "importing"), *SLEEPS)
    t.equal(answer["verdict"], "importing")
    t.contains(answer["sentence"], "slow_to_import.py")


@test()
def finalizing_and_about_to(t):
    answer = diagnose(t, t.fixture("states.py", "finalizing"), *SLEEPS)
    t.equal((answer["verdict"], answer["finalizing"]), ("finalizing", True))
    answer = diagnose(t, t.fixture("states.py", "exiting"), "futex")
    t.equal((answer["verdict"], names(answer)), ("finalizing", ["_shutdown"]))
    t.contains(answer["sentence"], "waits for 1 other thread")


@test()
def a_thread_that_python_does_not_know(t):
    answer = diagnose(t, t.fixture("states.py", "native_thread"), "futex")
    t.equal(answer["verdict"], "native-thread")
    t.equal([thread["on_cpu"] for thread in answer["native_threads"]], [True])


@test()
def another_interpreter(t):
    answer = diagnose(t, t.fixture("states.py", "interpreter"), *SLEEPS)
    t.equal((answer["verdict"], answer["other_interpreter"]["interpreter"]), ("other-interpreter", 1))
    t.equal(names(answer)[0], "<module>")


def copy_of(t, state):
    """The child of a fixture, which ends with it."""
    fixture = t.fixture("states.py", state, wait=False)
    return Process(int(fixture._read("ready", 30).split()[0])), fixture.pid


@test()
def a_copy_that_has_not_executed(t):
    process, parent = copy_of(t, "fork")
    answer = diagnose(t, process, *SLEEPS)
    t.equal((answer["verdict"], answer["parent"], answer["lwps"]), ("fork-not-executed", parent, 1))
    t.equal((answer["python_threads"], answer["dead_threads"] >= 2), (3, True))
    t.true("copied" in names(answer), names(answer))
    os.kill(process.pid, signal.SIGKILL)


@test()
def a_copy_that_python_knows_of(t):
    process, parent = copy_of(t, "python_fork")
    answer = diagnose(t, process, *SLEEPS)
    t.equal((answer["verdict"], answer["forked"], answer["parent"]), ("blocked", True, parent))
    os.kill(process.pid, signal.SIGKILL)


# -- nothing to explain, or no Python


@test()
def user_code_that_waits(t):
    answer = diagnose(t, t.fixture("states.py", "blocked"), "futex")
    t.equal(answer["verdict"], "blocked")
    t.contains(answer["sentence"], "called by user code at blocked ")


@test(hosts=("cli",))
def a_stopped_process(t):
    fixture = t.fixture("states.py", "blocked")
    fixture.stop()
    t.equal(diagnose(t, fixture)["verdict"], "stopped")
    fixture.signal(signal.SIGCONT)


@test(pythons="one")
def no_python_at_all(t):
    child = t.popen(["sleep", "100"])
    in_call(child.pid, "clock_nanosleep")
    result = t.scalene(child.pid, "diagnose")
    t.succeeded(result)
    t.true(result.out.startswith("There is no Python in process %d." % child.pid), result)
    answer = t.json(child.pid, "diagnose")
    t.equal((answer["verdict"], answer["python"], answer["lwps"]), ("no-python", None, 1))
    child.kill()
