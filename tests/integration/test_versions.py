"""Versions and builds of CPython that are none of those with a layout, and interpreters that are hard to find."""
import os
import re

from harness import supported_versions, test


def is_newest(t):
    return t.python.tuple == max(tuple(int(n) for n in version.split(".")) for version in supported_versions())


@test()
def a_version_of_tomorrow_is_tried_or_refused(t):
    """What publishes its offsets and is like the newest that is known is read, and marked; all else is refused."""
    fixture = t.fixture("tomorrow.py")
    info = t.scalene(fixture.pid, "info")
    if not is_newest(t):
        what = "CPython 3.99.0" if t.python.tuple >= (3, 13) else "sys.hexversion"
        t.failed(info, what)
        return
    t.succeeded(info)
    t.contains(info.out, "Python        3.99.0, %s build with a GIL" % ("debug" if t.python.debug else "release"))
    t.contains(info.out, "confidence    unverified")
    stacks = t.scalene(fixture.pid, "bt")
    t.succeeded(stacks)
    t.true(stacks.out.startswith("Unverified: CPython 3.99.0 has no layout here and is read with that of "), str(stacks))
    t.contains(stacks.out, "time.sleep(100)")
    t.equal(t.json(fixture.pid, "threads")["unverified"], True)
    t.goes_on(fixture)


# -- interpreters that are hard to find -------------------------------------------------------------------------

SLEEPER = """import sys, time
with open(sys.argv[1], "w") as f: f.write("ready\\n")
time.sleep(100)
"""


def without(t, *names):
    """A sleeping interpreter whose file has none of these names: as after strip and sstrip. Modules that link to them fail."""
    with open(t.python.path, "rb") as f:
        data = f.read()
    for name in names:
        data = re.sub(rb"\0%s\0" % re.escape(name), b"\0%s\0" % (b"?" * len(name)), data)
    prefix = t.call([t.python.path, "-S", "-c", "import sys; print(sys.prefix)"]).out.strip()
    t.python.path = t.path("python3")
    with open(t.python.path, "wb") as f:
        f.write(data)
    os.chmod(t.python.path, 0o755)
    return t.fixture(["-S", "-c", SLEEPER], env=dict(t.environment, PYTHONHOME=prefix))


def is_found(t, fixture, how):
    info = t.scalene(fixture.pid, "info")
    t.succeeded(info)
    t.contains(info.out, "found by      " + how)
    t.contains(info.out, "Python        " + t.python.version)
    t.contains(t.scalene(fixture.pid, "bt").out, "line 3, in <module>")


@test(pythons="static")  # a libpython refers to its own symbols by name
def a_runtime_without_a_symbol_is_found_by_its_section(t):
    fixture = without(t, b"_PyRuntime")
    is_found(t, fixture, "ELF section .PyRuntime" if t.python.tuple >= (3, 10) else "list of interpreters in its data")


@test(pythons="static")  # a libpython refers to its own symbols by name
def a_runtime_without_symbol_and_section_is_found_in_its_data(t):
    fixture = without(t, b"_PyRuntime", b".PyRuntime")
    if t.python.tuple >= (3, 13):
        is_found(t, fixture, "cookie of _Py_DebugOffsets in memory")
    else:
        is_found(t, fixture, "list of interpreters in its data")
