"""sample: the figures against fixtures whose truth is known by construction."""
import gzip
import re
import shutil

from harness import SANITIZED, at_rest, test

RATE = "sample 2500 --interval 1000 --quiet"


def functions(profile, file):
    """Percent of CPU-or-wall time by function name, of one file: python, native, system."""
    for path, detail in profile["files"].items():
        if path.endswith("/" + file):
            return {
                f["line"]: (f["n_cpu_percent_python"], f["n_cpu_percent_c"], f["n_sys_percent"])
                for f in detail["functions"]
            }
    raise AssertionError("%s is not in the profile: %s" % (file, list(profile["files"])))


def share(shares, name):
    return sum(sum(values) for line, values in shares.items() if name in line)


def measures_the_split(t, command):
    fixture = t.fixture("split.py")
    profile = t.undisturbed_profile(fixture, command)
    shares = functions(profile, "split.py")
    for name, wanted in (("seventy", 70), ("twenty", 20), ("ten", 10)):
        mine = sum(sum(values) for line, values in shares.items() if line == name or line.endswith(" " + name))
        t.near(mine, wanted, 5, "%s of %s" % (name, shares))
    t.goes_on(fixture)
    return profile["scalene_dbg"]


@test(timeout=90, alone=True)
def a_split_of_70_20_10_is_measured(t):
    measures_the_split(t, RATE)


@test(hosts=("cli",), timeout=90, alone=True)
def a_split_of_70_20_10_is_measured_in_stop_mode(t):
    own = measures_the_split(t, "sample 1000 --interval 2500 --mode stop --quiet")
    t.equal(own["mode"], "stop")
    t.equal(own["samples"]["torn"], 0, "a stopped thread moves")
    t.true(0 < own["stopped_sec"] < 2.5 and own["pause_p50_sec"] > 0, str(own["stopped_sec"]))


@test(timeout=90, alone=True)
def python_and_native_time_are_told_apart(t):
    fixture = t.fixture("native.py")
    profile = t.undisturbed_profile(fixture, RATE)
    shares = functions(profile, "native.py")
    (python,) = [values for line, values in shares.items() if "in_python" in line]
    (native,) = [values for line, values in shares.items() if "in_native" in line]
    t.near(sum(python), 50, 8, str(shares))
    t.true(python[0] > 0.85 * sum(python), "in_python is Python time: %s" % (python,))
    t.true(native[1] > 0.80 * sum(native), "in_native is native time: %s" % (native,))


@test(timeout=90, alone=True)
def sleeping_is_system_time(t):
    """A thread that has woken up and waits for a processor counts as running: up to the 5 % of undisturbed_profile."""
    fixture = t.fixture("sleeper.py")
    profile = t.undisturbed_profile(fixture, "sample 200 --interval 1000 --quiet")
    shares = functions(profile, "sleeper.py")
    python, native, system = shares["sleep_here"]
    t.true(python + native < 7, str(shares))
    t.true(system > 93, str(shares))


@test(timeout=90, alone=True)
def an_idle_loop_has_no_user_frame_and_is_not_lost(t):
    """Resumed by GDB, the thread waits for a processor before it is back in its selector: it counts as running then."""
    fixture = at_rest(t.fixture("asyncio_idle.py"))
    profile, _ = t.profile(fixture.pid, "sample 100 --interval 1000 --quiet")
    own = profile["scalene_dbg"]
    t.equal(own["samples"]["taken"], 100)
    (thread,) = own["threads"]
    (idle,) = [value for name, value in thread["activities"].items() if "event loop" in name]
    t.true(idle["samples"] >= 85, str(thread))


@test(timeout=90)
def stacks_that_never_were_are_rare(t):
    """At full rate, on a thread that does nothing but call: the worst case of reading without stopping."""
    fixture = t.fixture("chains.py")
    profile, _ = t.profile(fixture.pid, "sample 5000 --interval 0 --quiet")
    mixed = total = 0
    for frames, hits in profile["combined_stacks"]:
        chains = {f["display_name"][0] for f in frames if f["display_name"][1:].isdigit()}
        total += hits
        mixed += hits if len(chains) > 1 else 0
    t.true(mixed <= 0.005 * total, "%d of %d stacks are mixtures of two" % (mixed, total))
    # A sampler that is slowed by a sanitizer sees a stack change under its hands far more often.
    t.true(total > (0 if SANITIZED else 2500), "only %d of 5000 were accepted" % total)


@test(timeout=90)
def ten_threads_are_all_there(t):
    fixture = t.fixture("threads.py", 10, "blocked")
    profile, _ = t.profile(fixture.pid, "sample 100 --interval 1000 --quiet")
    names = {thread["name"] for thread in profile["scalene_dbg"]["threads"]}
    t.equal(names, {"MainThread"} | {"worker-%d" % i for i in range(10)})
    for thread in profile["scalene_dbg"]["threads"]:
        t.true(thread["samples"] >= 98, str(thread))


@test(timeout=90)
def the_threads_option_chooses(t):
    fixture = t.fixture("threads.py", 4, "blocked")
    profile, _ = t.profile(fixture.pid, "sample 20 --interval 1000 --threads main --quiet")
    t.equal([thread["main"] for thread in profile["scalene_dbg"]["threads"]], [True])


@test(pythons="every", timeout=90)
def generators_and_coroutines_are_sampled(t):
    fixture = t.fixture("generators.py")
    profile, _ = t.profile(fixture.pid, "sample 500 --interval 1000 --quiet")
    shares = functions(profile, "generators.py")
    # Of a chain of generators the innermost one; in a debug build the others' own checks take most of the time.
    t.true(share(shares, "inner") > (3 if t.python.debug else 10), str(shares))


@test(timeout=90)
def the_duration_ends_the_sampling(t):
    fixture = t.fixture("split.py")
    profile, result = t.profile(fixture.pid, "sample 100000 --interval 1000 --duration 0.5")
    t.true(50 <= profile["scalene_dbg"]["samples"]["taken"] <= 800, str(profile["scalene_dbg"]["samples"]))
    t.near(profile["elapsed_time_sec"], 0.5, 0.3)


@test(timeout=90)
def the_report_is_printed_and_the_summary_adds_up(t):
    fixture = t.fixture("split.py")
    result = t.scalene(fixture.pid, "sample 300 --interval 1000")
    t.succeeded(result)
    for part in ("split.py", "seventy", "300"):
        t.contains(result.out, part)


@test(hosts=("cli", "gdb"), timeout=90)
def no_resume_is_one_snapshot(t):
    fixture = t.fixture("split.py")
    fixture.stop()
    profile, _ = t.profile(fixture.pid, "sample 500 --no-resume --quiet")
    t.equal(profile["scalene_dbg"]["mode"], "snapshot")
    t.equal(profile["scalene_dbg"]["samples"]["taken"], 1)


@test(pythons="one", timeout=90)
def every_format_is_written(t):
    fixture = t.fixture("split.py")
    for form in ("scalene", "cli", "collapsed", "speedscope", "pprof"):
        path = t.path("out." + form)
        result = t.scalene(fixture.pid, "sample 100 --interval 1000 --quiet --format %s -o %s" % (form, path))
        t.succeeded(result)
        with open(path, "rb") as f:
            data = f.read()
        t.contains((gzip.decompress(data) if form == "pprof" else data).decode("utf-8", "replace"), "split.py")


@test(pythons="one", timeout=300, hosts=("cli",))
def pprof_shows_what_its_own_reader_expects(t):
    """`go tool pprof` is google/pprof; the first call may have to compile it."""
    if not shutil.which("go"):
        t.skip("no go, and so no pprof")
    path = t.path("out.pb.gz")
    result = t.scalene(t.fixture("split.py").pid, "sample 200 --interval 1000 --quiet --format pprof -o %s" % path)
    t.succeeded(result)
    environment = dict(t.environment, PPROF_TMPDIR=t.path(""))
    shown = t.call(["go", "tool", "pprof", "-top", "-sample_index=cpu", path], timeout=280, env=environment)
    t.true(re.search(r"\d+% +seventy\b", shown.out), shown.out + shown.err)
    shown = t.call(["go", "tool", "pprof", "-tags", path], env=environment)
    t.contains(shown.out, "running Python code")


@test(timeout=90, alone=True)
def full_rate_keeps_the_split(t):
    fixture = t.fixture("split.py")
    profile = t.undisturbed_profile(fixture, "sample 100000000 --interval 0 --duration 2.5 --quiet")
    shares = functions(profile, "split.py")
    t.near(share(shares, "seventy"), 70, 5, str(shares))


@test(timeout=90)
def deep_stacks_are_not_torn(t):
    """The thread moves in its innermost frames alone; two hundred frames below them stand still."""
    fixture = t.fixture("deep.py", 200)
    profile, _ = t.profile(fixture.pid, "sample 1000 --interval 0 --quiet")
    own = profile["scalene_dbg"]["samples"]
    t.true(own["torn"] < 0.2 * own["taken"], str(own))
    t.true(max(len(frames) for frames, _ in profile["combined_stacks"]) > 200, "the stacks are cut")
