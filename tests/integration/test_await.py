"""sample: await time, against the demo of Scalene's notes and against loops that only sleep."""
import threading

from harness import SANITIZED, at_rest, test


def lines(profile, file):
    for path, detail in profile["files"].items():
        if path.endswith("/" + file):
            return detail["lines"]
    raise AssertionError("%s is not in the profile: %s" % (file, list(profile["files"])))


def shares(profile, file):
    """Await percent by the text of the line."""
    found = {}
    for line in lines(profile, file):
        if line["n_async_await_percent"] > 0:
            found[line["line"].strip()] = line["n_async_await_percent"]
    return found


def functions(profile, file):
    for path, detail in profile["files"].items():
        if path.endswith("/" + file):
            return {f["line"]: f for f in detail["functions"]}
    raise AssertionError("%s is not in the profile: %s" % (file, list(profile["files"])))


def demo(t, option):
    """The profile of the demo from its start to its end, by function."""
    go = t.fifo("go")
    fixture = t.fixture("async_demo.py", go)

    def begin():
        fixture.sampled()
        with open(go, "w") as f:
            f.write("go\n")

    starter = threading.Thread(target=begin, daemon=True)
    starter.start()
    profile, result = t.profile(fixture.pid, "sample 3600 --interval 1000 --duration 4 --quiet " + option)
    starter.join()
    found = functions(profile, "async_demo.py")
    return {name: f["n_async_await_percent"] for name, f in found.items()}, profile


@test(timeout=90, alone=True)
def the_demo_by_its_outermost_frames(t):
    percent, profile = demo(t, "--await outer")
    for name, wanted in (("main", 41), ("slow_io", 41), ("mixed_work", 16), ("fast_io", 1.3)):
        t.near(percent[name], wanted, 3, str(percent))
    t.equal(percent.get("cpu_work", 0), 0)
    t.equal(profile["async_profile"], True)
    names = {f["line"]: f["async_task_names"] for f in functions(profile, "async_demo.py").values()}
    t.equal(names["slow_io"], ["Task-3"])
    stacks = [frames[-1]["display_name"] for frames, _ in profile["combined_stacks"]]
    t.true("[await] slow_io (Task-3)" in stacks, str(stacks))


@test(timeout=90, alone=True)
def the_demo_by_its_innermost_user_frames(t):
    percent, profile = demo(t, "--await inner")
    t.true(percent["slow_io"] > 1.8 * percent["mixed_work"], str(percent))
    t.true(percent["mixed_work"] > 3 * percent["fast_io"] > 0, str(percent))
    t.equal(percent.get("cpu_work", 0), 0)
    for f in functions(profile, "async_demo.py").values():
        if f["line"] in ("slow_io", "mixed_work", "fast_io", "main"):
            t.equal(f["is_coroutine"], True, f["line"])


@test(timeout=90)
def a_thousand_sleepers(t):
    fixture = t.fixture("async_names.py", 1000)
    profile, result = t.profile(fixture.pid, "sample 200 --interval 1000 --quiet")
    own = profile["scalene_dbg"]["await"]
    t.equal((own["tasks_mean"], own["tasks_peak"], own["tasks_unreadable"]), (1001, 1001, 0))
    t.true(own["samples"]["with_tasks"] >= 100, str(own))
    found = shares(profile, "async_names.py")
    t.near(found["await asyncio.sleep(1000)"], 100 * 1000 / 1001, 0.01, str(found))
    t.near(found["await asyncio.gather(*tasks)"], 100 / 1001, 0.01, str(found))
    (line,) = [r for r in lines(profile, "async_names.py") if r["line"].strip() == "await asyncio.sleep(1000)"]
    t.equal((line["n_async_concurrency_mean"], line["n_async_concurrency_peak"]), (1000, 1000))
    t.equal(len(line["async_task_names"]), 100)
    t.true(all(name.startswith("job ") for name in line["async_task_names"]), str(line["async_task_names"]))
    t.equal(profile["scalene_dbg"]["dropped"]["task_names"] >= 900, True)
    t.goes_on(fixture)


@test(hosts=("cli",), timeout=90)
def ten_thousand_sleepers(t):
    fixture = t.fixture("async_names.py", 10000)
    profile, _ = t.profile(fixture.pid, "sample %d --interval 0 --quiet" % (5 if SANITIZED else 20))
    own = profile["scalene_dbg"]["await"]
    t.equal((own["tasks_peak"], own["tasks_unreadable"], own["tasks_cut"]), (10001, 0, 0))
    t.near(shares(profile, "async_names.py")["await asyncio.sleep(1000)"], 100 * 10000 / 10001, 0.001)


@test(pythons="one", timeout=90)
def the_leaf_is_the_library_s(t):
    """Its share is lost, and is said to be; with --profile-all it is on asyncio's own line."""
    fixture = at_rest(t.fixture("asyncio_idle.py"))
    profile, _ = t.profile(fixture.pid, "sample 200 --interval 1000 --quiet --await leaf")
    own = profile["scalene_dbg"]["await"]
    t.near(own["library_only_percent"], 100 * 5 / 6, 0.01, str(own))
    t.equal(shares(profile, "asyncio_idle.py"), {"await asyncio.gather(*tasks)": 100})
    profile, _ = t.profile(fixture.pid, "sample 200 --interval 1000 --quiet --await leaf --profile-all")
    t.near(sum(shares(profile, "asyncio/tasks.py").values()), 100 * 5 / 6, 0.01)
    t.equal(profile["scalene_dbg"]["await"]["library_only_percent"], 0)


@test(pythons="one", timeout=90)
def the_report_has_a_column_for_await(t):
    fixture = at_rest(t.fixture("asyncio_idle.py"))
    result = t.scalene(fixture.pid, "sample 50 --interval 1000")
    t.succeeded(result)
    for part in ("await", "suspended tasks 6.0 on average", "83%"):
        t.contains(result.out, part)


@test(timeout=90)
def a_loop_in_c_is_idle_by_its_system_call(t):
    fixture = at_rest(t.fixture("native_loop.py"))
    profile, _ = t.profile(fixture.pid, "sample 100 --interval 1000 --quiet")
    own = profile["scalene_dbg"]["await"]
    t.true(own["samples"]["with_tasks"] >= 90, str(own))
    found = shares(profile, "native_loop.py")
    t.near(found["await asyncio.sleep(1000)"], 75, 0.01, str(found))
    t.near(found["await event.wait()"], 25, 0.01, str(found))


@test(pythons="one", timeout=90)
def one_snapshot_has_await_time_too(t):
    fixture = at_rest(t.fixture("asyncio_idle.py"))
    profile, _ = t.profile(fixture.pid, "sample 1 --no-resume --quiet")
    own = profile["scalene_dbg"]["await"]
    t.equal((own["samples"]["loop_idle"], own["samples"]["with_tasks"]), (1, 1), str(own))
    t.near(shares(profile, "asyncio_idle.py")["await asyncio.sleep(1000)"], 100 * 5 / 6, 0.001)


@test(pythons="one", timeout=90)
def a_loop_that_is_never_idle_says_so(t):
    fixture = t.fixture("generators.py")
    result = t.scalene(fixture.pid, "sample 50 --interval 1000")
    t.succeeded(result)
    t.contains(result.out, "No await time: by its raw frames the loop was never idle")
