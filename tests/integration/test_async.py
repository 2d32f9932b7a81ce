"""tasks against what the interpreter itself says of its tasks (tests/fixtures/tasks_truth.py)."""
import re

from harness import test


def as_shown(name):
    """Names are cut; a byte that no UTF-8 said (PEP 383) is its number, other lone surrogates are replaced."""
    name = re.sub("[\udc80-\udcff]", lambda match: "\\x%02x" % (ord(match.group()) - 0xDC00), name)
    name = re.sub("[\ud800-\udfff\x00]", "\ufffd", name)
    return name.encode("utf-8")[:4095].decode("utf-8", "ignore")


def number(address):
    return int(address, 16) if address else None


def frames_of(task, python):
    """As [kind, file, line, name], outermost first."""
    name = "qualname" if python.tuple >= (3, 11) else "name"
    return [[frame["kind"], frame["file"], frame["line"], frame[name]] for frame in task["frames"]]


def check_task(t, mine, truth):
    label = "of %r: %s\ntruth: %s" % (truth["name"], mine, truth)
    t.equal(mine["name"], as_shown(truth["name"]), label)
    t.equal(mine["coroutine"], truth["coroutine"], label)
    t.equal(number(mine["loop"]), truth["loop"], label)
    t.equal(mine["accelerated"], truth["accelerated"], label)
    t.equal(mine["status"], truth["status"], label)
    t.equal(frames_of(mine, t.python), truth["frames"], label)
    t.equal(mine["chain"], truth["chain"], label)
    if truth["status"] in ("waiting", "ready"):
        t.equal([[frame["file"], frame["line"]] for frame in mine["frames"][:1]], truth["stack"], label)
    if truth["status"] == "done":
        t.equal(mine["state"], truth["state"], label)
        t.equal(mine.get("exception") or mine.get("result"), truth["outcome"], label)
    created = mine.get("created")
    t.equal(created and [created["file"], created["line"], created["name"]], truth["created"], label)


def check_edges(t, tasks, edges):
    """What each awaits, and the same backwards, by name; `edges` holds the tasks that we know it of."""
    names = {task["address"]: task["name"] for task in tasks}
    by_name = {task["name"]: task for task in tasks}
    backwards = {}
    for name, awaited in edges.items():
        task = by_name[as_shown(name)]
        t.equal(sorted(names[other] for other in task["awaits"]), sorted(awaited), "of " + repr(task))
        for other in awaited:
            backwards.setdefault(other, []).append(name)
    for name in edges:
        by = [names[other] for other in by_name[as_shown(name)]["awaited_by"]]
        t.equal(sorted(by), sorted(backwards.get(name, [])), "that await %r" % name)


@test(pythons="every")
def tasks_are_what_the_interpreter_says(t):
    fixture = t.fixture("tasks_truth.py", channel=True)
    listing = t.json(fixture.pid, "tasks")
    truth = fixture.ask()
    mine = {number(task["address"]): task for task in listing["tasks"]}
    wanted = {task["address"]: task for task in truth["tasks"]}
    t.equal(sorted(task["name"] for task in wanted.values() if task["address"] not in mine), [], "not found")
    t.equal(sorted(mine[address]["name"] for address in mine if address not in wanted), [], "that are none")
    for address, task in wanted.items():
        check_task(t, mine[address], task)
    check_edges(t, listing["tasks"], truth["edges"])
    t.equal(sorted(number(loop["address"]) for loop in listing["loops"] if loop["running"]), sorted(truth["running"]))
    t.equal(listing["trouble"], [])
    t.equal(listing["cycles"], [])
    t.equal([task["name"] for task in listing["tasks"] if task["stuck"]], [])
    t.goes_on(fixture)


@test()
def rings_of_tasks_are_found_and_nothing_else(t):
    fixture = t.fixture("deadlocks.py")
    listing = t.json(fixture.pid, "tasks")
    names = {task["address"]: task["name"] for task in listing["tasks"]}
    wanted = {name for name in names.values() if name.startswith(("ring", "stuck"))}
    t.equal({task["name"] for task in listing["tasks"] if task["stuck"]} ^ wanted, set())
    rings = sorted(sorted(names[address] for address in cycle["tasks"]) for cycle in listing["cycles"])
    t.equal(
        rings,
        [
            ["ring lock again"],
            ["ring lock twice"],
            ["ring locks %d" % i for i in range(5)],
            ["ring mixed %d" % i for i in range(5)],
            ["ring of itself"],
            ["ring pair 0", "ring pair 1"],
        ],
    )
    t.equal([cycle["members"] for cycle in listing["cycles"]], [len(cycle["tasks"]) for cycle in listing["cycles"]])
    holders = {task["name"]: names.get(task["wait"].get("holder")) for task in listing["tasks"] if "wait" in task}
    t.equal(holders["ring lock twice"], "ring lock twice")
    for i in range(5):
        t.equal(holders["ring locks %d" % i], "ring locks %d" % ((i + 1) % 5))


@test(timeout=120)
def many_tasks_are_listed(t):
    fixture = t.fixture("many_tasks.py", "sleeping", 20000)
    listing = t.json(fixture.pid, "tasks")
    sleepers = [task for task in listing["tasks"] if task["name"].startswith("sleeper")]
    t.equal(len(sleepers), 20000)
    t.equal({task["wait"]["reason"] for task in sleepers}, {"timer"})
    text = t.scalene(fixture.pid, "tasks --limit 5")
    t.succeeded(text)
    t.contains(text.out, "19996 more")
    t.equal(len(text.out.splitlines()), 7)


@test(timeout=120)
def a_chain_without_end_is_cut(t):
    fixture = t.fixture("many_tasks.py", "deep", 100000)
    listing = t.json(fixture.pid, "tasks")
    deep = [task for task in listing["tasks"] if task["name"] == "deep"][0]
    t.equal((len(deep["frames"]), deep["chain"]), (10000, "longer than can be read"))
    t.equal(deep["status"], "waiting")
    t.equal(deep["stuck"], False)


@test()
def long_names_are_cut_at_a_character(t):
    fixture = t.fixture("many_tasks.py", "names", 1000000)
    listing = t.json(fixture.pid, "tasks")
    names = sorted(task["name"] for task in listing["tasks"])[1:]
    t.equal([set(name) for name in names], [{"x"}, {"\u20ac"}, {"\U0001f40d"}])
    t.equal([4095 - len(name.encode("utf-8")) < 4 for name in names], [True] * 3)


@test()
def layers_that_all_wait_for_the_next_take_no_time(t):
    fixture = t.fixture("many_tasks.py", "diamond", 17)
    listing = t.json(fixture.pid, "tasks", timeout=20)
    tasks = {task["name"]: task for task in listing["tasks"]}
    t.equal(len(tasks), 17 * 2 + 3)
    names = {task["address"]: task["name"] for task in listing["tasks"]}
    t.equal(sorted(names[other] for other in tasks["top"]["awaits"]), ["layer 16 a", "layer 16 b"])
    t.equal(sorted(names[other] for other in tasks["layer 5 a"]["awaits"]), ["layer 4 a", "layer 4 b"])
    t.equal(sorted(names[other] for other in tasks["bottom"]["awaited_by"]), ["layer 0 a", "layer 0 b"])
    t.equal((listing["cycles"], [task for task in listing["tasks"] if task["stuck"]]), ([], []))


def check_wait(t, mine, wanted, age):
    label = "of %r, wanted %r" % (mine, wanted)
    wait = mine["wait"]
    for key, value in wanted.items():
        if key == "awaits":
            t.equal(sorted(number(address) for address in mine["awaits"]), sorted(value), label)
        elif key == "object":
            t.true(value is None or number(wait["object"]) == value, "object " + label)
        elif key == "holder":
            t.equal(number(wait["holder"]), value, label)
        elif key.endswith("seconds_left"):
            t.true(value - age - 1 <= wait[key] <= value, label)
        else:
            t.equal(wait.get(key), value, key + " " + label)
    for key in ("orphan", "any", "holder", "timeout_seconds_left"):
        t.true((key in wait) == (key in wanted), key + " " + label)


@test(pythons="every")
def waits_have_their_reason_and_object(t):
    fixture = t.fixture("waits.py", channel=True)
    listing = t.json(fixture.pid, "tasks")
    truth = fixture.ask()
    tasks = {task["name"]: task for task in listing["tasks"]}
    for name, wanted in truth["waits"].items():
        check_wait(t, tasks[name], wanted, truth["age"])
    threads = [tasks[name]["wait"]["thread"]["lwp"] for name in ("executor", "anyio")]
    t.equal(sorted(threads), sorted(truth["workers"]))
    t.equal([name for name in tasks if tasks[name]["stuck"]], ["orphan"])
    by = {name: sorted(task["address"] for task in tasks.values() if tasks[name]["address"] in task["awaits"]) for name in tasks}
    t.equal({name: sorted(task["awaited_by"]) for name, task in tasks.items()}, by)


@test(pythons="one", hosts=("cli",))
def asyncio_itself_says_the_same(t):
    """`python -m asyncio ps` (3.14) reads the tasks that are in asyncio's own lists, and the edges that asyncio keeps."""
    if t.python.tuple < (3, 14):
        t.skip("this interpreter has no `python -m asyncio ps`")
    fixture = t.fixture("tasks_truth.py", channel=True)
    environment = dict(t.environment, PYTHONIOENCODING="utf-8:backslashreplace")  # it breaks on a lone surrogate
    theirs = t.call([t.python.path, "-m", "asyncio", "ps", str(fixture.pid)], env=environment)
    if theirs.status:
        t.skip("`python -m asyncio ps` fails itself: " + theirs.err.strip().rpartition("\n")[2])
    ours = {number(task["address"]): task for task in t.json(fixture.pid, "tasks")["tasks"]}
    rows = re.findall(r"^\d+ +(0x[0-9a-f]+) .* (0x[0-9a-f]+) *$", theirs.out, re.M)
    t.true(len(rows) > 60, "too few rows: " + theirs.out)  # a name with a newline in it is no row
    for task, awaiter in ((int(task, 16), int(awaiter, 16)) for task, awaiter in rows):
        t.true(task in ours, "0x%x is a task" % task)
        name, by = ours[task]["name"], [number(other) for other in ours[task]["awaited_by"]]
        if name == "holder":
            t.equal(awaiter, 0)  # asyncio does not know who holds a lock
        elif awaiter and ours[awaiter]["name"] == "answers":
            t.equal(name, "child")  # it called shield() for another task, which asyncio counts as waiting
        elif awaiter:
            t.true(awaiter in by, "%s is awaited by 0x%x, not by %s" % (name, awaiter, by))
        else:
            t.equal(by, [], "that await " + name)
