"""info, threads and bt against what the interpreter itself says (tests/fixtures/truth.py)."""
import os
import signal

from harness import at_rest, test


def name_of(frame, python):
    """co_qualname is there since 3.11; before, both sides have co_name alone."""
    return frame["qualname"] if python.tuple >= (3, 11) else frame["name"]


def as_truth(thread, python):
    """Frames innermost first, as [file, line, name]."""
    return [[frame["file"], frame["line"], name_of(frame, python)] for frame in reversed(thread["frames"])]


@test(pythons="every")
def bt_has_the_frames_that_the_interpreter_has(t):
    fixture = t.fixture("truth.py", channel=True)
    seen = {thread["lwp"]: thread for thread in t.json(fixture.pid, "bt --all")["threads"]}
    truth = fixture.ask()
    t.equal(sorted(seen), sorted(thread["lwp"] for thread in truth["threads"]))
    for thread in truth["threads"]:
        mine = seen[thread["lwp"]]
        t.equal(mine["stack"], "complete", str(mine))
        t.equal(mine["main"], thread["main"])
        t.equal(mine["name"], thread["name"])
        t.equal(int(mine["ident"], 16), thread["ident"])
        if thread["name"] != "dumper":  # the one that has moved in between
            t.equal(as_truth(mine, t.python), thread["frames"], "of thread " + thread["name"])


@test()
def bt_text_names_every_thread_and_its_source(t):
    fixture = t.fixture("truth.py", channel=True)
    result = t.scalene(fixture.pid, "bt --all")
    t.succeeded(result)
    for part in ('"at in_generator"', '"at größe"', "return self.method()", 'in größe', "(main, "):
        t.contains(result.out, part)
    t.contains(result.out, "Previous line repeated 37 more times")  # 40 equal lines of recursion, the first 3 shown


@test()
def bt_without_all_is_the_main_thread(t):
    fixture = t.fixture("truth.py", channel=True)
    threads = t.json(fixture.pid, "bt")["threads"]
    t.equal([thread["main"] for thread in threads], [True])
    t.equal(threads[0]["frames"][0]["name"], "<module>")


@test(pythons="every")
def stacks_through_c_callbacks_are_whole(t):
    fixture = t.fixture("callbacks.py").blocked()
    (thread,) = t.json(fixture.pid, "bt")["threads"]
    names = [frame["name"] for frame in thread["frames"]]
    wanted = ["<module>", "main", "__getattr__", "in_reduce", "in_sub", "in_map", "in_key", "wait"]
    t.equal([name for name in names if name in wanted][: len(wanted)], wanted)


@test()
def a_deep_stack_is_whole(t):
    fixture = t.fixture("deep.py", 3000)
    fixture.stop()
    (thread,) = t.json(fixture.pid, "bt")["threads"]
    fixture.signal(signal.SIGCONT)
    t.equal(sum(frame["name"] == "recurse" for frame in thread["frames"]), 3000)
    t.equal(thread["stack"], "complete")


@test()
def a_running_stack_is_hardly_ever_mixed(t):
    """bt of a thread that moves all the time: each answer is one instant or says that it is torn, and few are. One in
    thousands is a mixture all the same, see docs/architecture.md: two of twenty are no such accident."""
    fixture = t.fixture("chains.py")
    wanted = 20 if t.host == "cli" else 2
    whole = tries = mixed = 0
    while whole < wanted:
        tries += 1
        t.true(tries <= 5 * wanted, "only %d of %d stacks have frames" % (whole, tries))
        (thread,) = t.json(fixture.pid, "bt")["threads"]
        names = [name for name in (frame.get("name", "") for frame in thread["frames"]) if name[1:].isdigit()]
        mixed += names != [names[0][0] + str(i) for i in range(len(names))] if names else 0
        t.true(mixed <= 1, str(names))
        whole += bool(names)


@test()
def threads_says_what_each_is_doing(t):
    fixture = t.fixture("truth.py", channel=True)
    threads = {thread["name"]: thread for thread in t.json(fixture.pid, "threads")["threads"]}
    t.equal(threads["MainThread"]["main"], True)
    if t.host == "cli":  # in a debugger every thread stands at the prompt
        t.equal(threads["at in_sleep"]["syscall"], "clock_nanosleep" if t.python.tuple >= (3, 11) else "pselect6")
        t.true("select" in threads["at in_select"]["syscall"], str(threads["at in_select"]))
        t.equal(threads["at in_lock"]["syscall"], "futex")
        t.equal({thread["activity"] for thread in threads.values()}, {"blocked in a system call"})
    t.equal(threads["at in_sleep"]["user_frame"]["name"], "in_sleep")
    t.equal(threads["at in_class"]["user_frame"]["name"], "hold")


@test(timeout=120)
def thousands_of_threads_are_all_there(t):
    """Their names once took reads by the square of their number, and then the stacks were missing without a word."""
    count = 2000
    fixture = t.fixture("threads.py", count, "blocked", 1).blocked()
    wanted = ["MainThread"] + ["worker-%d" % i for i in range(count)]
    lwps = sorted(int(name) for name in os.listdir("/proc/%d/task" % fixture.pid))
    threads = t.json(fixture.pid, "threads")["threads"]
    t.equal(sorted(thread["lwp"] for thread in threads), lwps)
    t.equal(sorted(thread.get("name", "") for thread in threads), sorted(wanted))
    t.equal({thread["python"] for thread in threads}, {True})
    stacks = t.json(fixture.pid, "bt --all")["threads"]
    t.equal([thread["name"] for thread in stacks], [thread["name"] for thread in threads])
    for thread in stacks:
        t.equal(thread["stack"], "complete", str(thread))
        t.true("hold" in [frame["name"] for frame in thread["frames"]], str(thread))
    text = t.scalene(fixture.pid, "threads")
    t.succeeded(text)
    t.equal(sum("worker-" in line for line in text.out.splitlines()), count)


@test()
def one_thread_holds_the_gil_and_the_others_wait(t):
    fixture = t.fixture("gilfight.py", 3)
    waiting = held = tries = 0
    for _ in range(10 if t.host == "cli" else 2):
        threads = t.json(fixture.pid, "threads")["threads"]
        t.equal(len(threads), 4)
        holders = sum(thread["holds_gil"] for thread in threads)
        t.true(holders <= 1, str(threads))
        held += holders
        waiting += sum("GIL" in thread["activity"] for thread in threads)
        tries += 1
    t.true(held >= tries * 0.5, "held %d of %d times" % (held, tries))
    t.true(waiting >= tries, "waiting %d in %d looks" % (waiting, tries))


@test(pythons="every")
def an_idle_event_loop_is_recognised(t):
    fixture = at_rest(t.fixture("asyncio_idle.py"))
    t.goes_on(fixture)
    (thread,) = t.json(fixture.pid, "threads")["threads"]
    t.contains(thread["activity"], "event loop")


@test(pythons="every")
def info_is_the_interpreter(t):
    fixture = t.fixture("truth.py", channel=True)
    info = t.json(fixture.pid, "info")
    truth = fixture.ask()
    t.equal(info["python"], truth["version"])
    t.equal(info["pid"], fixture.pid)
    t.equal(info["threads"], len(truth["threads"]))
    t.equal(info["interpreters"], 1)
    text = t.scalene(fixture.pid, "info")
    t.succeeded(text)
    t.contains(text.out, truth["version"])
