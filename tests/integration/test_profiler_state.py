"""profiler-state on the real Scalene: $SCALENE_VENV, or what scripts/dev/get-venv installs under build/cache."""
import os
import re
import signal
import time

from harness import FIXTURES, ROOT, Fixture, test

TASKS = 7


def scalene_venv(t):
    got = t.call([os.path.join(ROOT, "scripts", "dev", "get-venv"), t.python.path, "scalene", "scalene>=2"], timeout=150)
    if got.status:
        t.skip(got.err.strip())
    return got.out.strip()


class UnderScalene(Fixture):
    """A fixture that Scalene runs. Scalene starts itself again, so the process is not the one that was started."""

    def __init__(self, t, venv, options, name, *args):
        self.venv, self.options = venv, options
        self.t = t
        self.fifos = {"ready": self._fifo("ready")}
        self.out = open(t.path("scalene.out"), "w+b")
        self.stderr = self.out
        argv = [os.path.join(venv, "bin", "scalene"), "run", "-o", t.path("profile.json")] + options
        argv += [os.path.join(FIXTURES, name), "---", self.fifos["ready"]] + [str(arg) for arg in args]
        self.process = t.popen(argv, stdout=self.out, stderr=self.out)
        self._read("ready", 60)
        self.pid = self.innermost(self.process.pid)

    def innermost(self, pid):
        while True:
            with open("/proc/%d/task/%d/children" % (pid, pid)) as f:
                children = f.read().split()
            if not children:
                return pid
            pid = int(children[0])

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)
        super().kill()


def find(document, name):
    found = [c for c in document["collections"] if c["name"] == name]
    return found[0] if found else {}


def until(t, pid, condition):
    """The state as soon as it is as wanted: Scalene samples at random times."""
    document = {}
    for _ in range(40):
        document = t.json(pid, "profiler-state")
        if condition(document):
            return document
        time.sleep(0.25)
    raise AssertionError("never so: %s" % document)


def has_seen_tasks(document):
    return find(document, "async_stats.async_task_names").get("largest", 0) >= TASKS


@test(pythons="venv", timeout=240)
def the_state_of_a_real_scalene_is_read(t):
    venv = scalene_venv(t)
    target = UnderScalene(t, venv, ["--cpu-only"], "ticking.py", TASKS)
    try:
        document = until(t, target.pid, has_seen_tasks)
        version = t.call([os.path.join(venv, "bin", "scalene"), "--version"])
        t.contains(version.out + version.err, document["scalene"]["scalene_version"])
        t.equal([document["options"][name] for name in ("memory", "gpu", "async_profile")], [False, False, True])
        t.equal(document["options"]["profile_interval"], "inf")
        t.equal(document["async"]["tasks"], TASKS + 1)  # and the one that ticks
        t.equal(document["state"]["ScaleneAsync._enabled"], True)
        t.true(document["state"]["async_stats.total_async_await_samples"] > 0, document)
        names = find(document, "async_stats.async_task_names")
        t.equal((names["largest"], names["cap"], names["full"]), (TASKS, 100, False))
        t.contains(names["largest_at"], "ticking.py:")
        for name, cap in (("combined_stacks", 10000), ("combined_stacks_timeline", 100000), ("cpu_stats.cpu_samples_list", 500)):
            t.equal(find(document, name)["cap"], cap, name)
            t.true(find(document, name)["size"] > 0, name)
        t.equal(find(document, "ScaleneAsync._suspended_tasks")["cap"], 10000)
        t.equal([c for c in document["collections"] if "error" in c], [])
    finally:
        target.kill()


@test(pythons="venv", timeout=240)
def the_listing_names_what_grows(t):
    target = UnderScalene(t, scalene_venv(t), ["--cpu-only", "--no-async"], "ticking.py", TASKS)
    try:
        until(t, target.pid, lambda document: find(document, "stacks").get("size", 0) > 0)
        result = t.scalene(target.pid, "profiler-state")
        t.succeeded(result)
        t.true(re.search(r"^options .*memory off, gpu off, async off", result.out, re.M), result)
        t.contains(result.out, "loop gate   ")
        t.true(re.search(r"^warning: async profiling is off: \d suspended tasks go unseen$", result.out, re.M), result)
        t.contains(result.out, "warning: stacks has no cap: ")
    finally:
        target.kill()


@test()
def a_target_without_scalene_is_told(t):
    fixture = t.fixture("sleeper.py")
    t.failed(t.scalene(fixture.pid, "profiler-state"), "does not run under Scalene", "scalene.scalene_profiler")
    t.goes_on(fixture)
