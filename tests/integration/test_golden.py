"""What commands print, whole, against tests/golden/<fixture>/<command>.txt: one file for all versions and hosts.

An override <command>.3.11.txt holds from that version on. UPDATE_GOLDEN=1 writes the files anew, see docs/testing.md.
"""
import difflib
import os
import re
import signal

from cores import core_of, mortal
from harness import ROOT, Python, at_rest, test

GOLDEN = os.path.join(ROOT, "tests", "golden")
COMMANDS = {"info": "info", "threads": "threads", "bt": "bt --all", "sample": "sample 1 --no-resume"}
PAGES = ["info", "threads", "bt", "sample", "report", "dump", "post-mortem", "settings", "help", "version"]


# -- running ----------------------------------------------------------------------------------------------


def outputs(t, pid, commands):
    """What each command prints, in the test's host; one debugger for all of them."""
    if t.host == "cli":
        results = [t.scalene(pid, command) for command in commands]
        for result in results:
            t.succeeded(result)
        return [result.out for result in results]
    result, pieces = t.pieces(pid, commands)
    t.succeeded(result)
    return pieces


# -- what differs from run to run, from version to version, from machine to machine ---------------------------

DEPENDS = "(depends on the build)"
RULES = [
    # addresses, ids, times
    (r"0x[0-9a-f]+", "0xADDRESS"),
    (r"\b\d+\.\d{3}s", "N.NNNs"),
    (r"^(process +)\d+ \((?:live|core)\)", r"\1PID (live or core)"),
    # In a debugger the target stands at the prompt.
    (r"the target (ran,\n +and was not stopped|stood\n +still): ", "the target HOW: "),
    (r"^Thread \d+ ", "Thread LWP "),
    # the first column of `threads` is as wide as its ids
    (r"^(?:\d+|(LWP)) +(?=[^\d\s])(?!samples? asked)", lambda m: "LWP  "),
    # the ids of a report's threads, their column, and the rule below its head
    (r"^(Thread +│) +LWP (│.*\n─+┼)─+(┼)", r"\1 LWP \2─────\3"),
    (r"^([^│\n]* │) +\d+ (│ +\d+ │)", r"\1 LWP \2"),
    # paths: a report cuts long ones in front
    (r"^….*?([^/\n]+: % of time)", r"FIXTURES/\1"),
    (re.escape(os.path.join(ROOT, "tests", "fixtures")), "FIXTURES"),
    (r"^(command +)\S+ -S (\S+) .*", r"\1PYTHON -S \2 ARGUMENTS"),
    (r"^(executable +).*", r"\1PYTHON"),
    # the interpreter: its version, and what its build makes possible
    (r"^(Python +)\d+\.\d+\.\S+,", r"\1VERSION,"),
    (r"^libpython .*\n", ""),
    (r"^((?:found by|version from|layout|confidence) +).*", r"\1" + DEPENDS),
    # Python's own library has other lines in each version, and other calls
    (r'(?:^  File "[^"\n]*/lib/python3\.\d+/(?!site-packages/)[^"\n]*", line .*\n(?:    .*\n)?)+', "  [standard library]\n"),
    # names of the two programs
    (r"scalene-dbg -[pc] (?:PID|CORE) (?=COMMAND)", "PROGRAM "),
    (r"^usage: scalene (?=COMMAND)", "usage: PROGRAM "),
    (r'"(?:scalene|scalene-dbg) help', '"PROGRAM help'),
    (r"[ \t]+$", ""),
]
RULES = [(re.compile(pattern, re.M), by) for pattern, by in RULES]


def normalised(text):
    for pattern, by in RULES:
        text = pattern.sub(by, text)
    return text


# -- comparing ----------------------------------------------------------------------------------------------


def as_numbers(version):
    return tuple(int(part) for part in version.split("."))


def golden_path(directory, command, python):
    """The file for this version: the newest override that is not newer, or the common one."""
    overrides = []
    for name in os.listdir(directory) if os.path.isdir(directory) else []:
        match = re.match(re.escape(command) + r"\.(\d+\.\d+)\.txt$", name)
        if match and as_numbers(match.group(1)) <= python.tuple:
            overrides.append(as_numbers(match.group(1)))
    version = ".%d.%d" % max(overrides) if overrides else ""
    return os.path.join(directory, command + version + ".txt")


def update(path, got):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(got)


def compare(t, fixture, command, got):
    """Nothing, or a difference as text."""
    path, got = golden_path(os.path.join(GOLDEN, fixture), command, t.python), normalised(got)
    if t.python.debug:
        got = got.replace("VERSION, debug build", "VERSION, release build")
    if os.environ.get("UPDATE_GOLDEN") == "1" and t.host == "cli":  # the debuggers have to print the same
        update(path, got)
    if not os.path.exists(path):
        return "%s is not there; UPDATE_GOLDEN=1 writes it\n" % path
    with open(path, encoding="utf-8") as f:
        wanted = f.read()
    name = os.path.relpath(path, ROOT)
    lines = difflib.unified_diff(wanted.splitlines(True), got.splitlines(True), name, "printed by " + t.host)
    return "".join(lines)


def compare_all(t, fixture, names, texts):
    differences = [compare(t, fixture, name, text) for name, text in zip(names, texts)]
    if any(differences):
        raise AssertionError("not as in tests/golden:\n" + "".join(differences))


def compare_fixture(t, name, *args, dead=False, **options):
    """The interpreter goes by one name for every version, because a thread without a name of its own is printed with
    it; -S, because some installations import threading at start, which gives the main thread a name."""
    python = Python(t.path("python3"), t.python.version)
    os.symlink(t.python.path, python.path)
    make = (lambda *a, **o: mortal(t, *a, **o)) if dead else t.fixture
    fixture = at_rest(make(name + ".py", *args, python=python, flags=["-S"], **options))
    target = core_of(t, fixture, signal.SIGQUIT) if dead else fixture.pid
    compare_all(t, name, list(COMMANDS), outputs(t, target, list(COMMANDS.values())))


@test(timeout=90)
def a_sleeping_thread(t):
    compare_fixture(t, "sleeper")


@test(timeout=90)
def blocked_threads(t):
    compare_fixture(t, "threads", 3, "blocked", 2)


@test(timeout=90)
def an_idle_event_loop(t):
    compare_fixture(t, "asyncio_idle")


@test(pythons="every", timeout=90)
def stacks_of_every_kind(t):
    compare_fixture(t, "truth", channel=True)


# Cores print what the processes printed when they lived.


@test(timeout=90)
def core_of_blocked_threads(t):
    compare_fixture(t, "threads", 3, "blocked", 2, dead=True)


@test(timeout=90)
def core_of_an_idle_event_loop(t):
    compare_fixture(t, "asyncio_idle", dead=True)


@test(timeout=90)
def core_of_stacks_of_every_kind(t):
    compare_fixture(t, "truth", channel=True, dead=True)


@test(pythons="one")
def help_and_version(t):
    commands = ["help", "version"] + ["help " + page for page in PAGES]
    names = ["help", "version"] + ["help-" + page for page in PAGES]
    compare_all(t, "help", names, outputs(t, None, commands))
