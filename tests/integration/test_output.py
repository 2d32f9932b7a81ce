"""What comes out: harmless, the same in every host, the same twice."""
import json
import os
import re

from harness import FIXTURES, test

# Everything below space but newline, and DEL, and the C1 controls in UTF-8, and marks that reorder or hide text.
CONTROL = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)

GDB_SOURCE_LINE = re.compile(r"^\d+\t.*$", re.M)  # GDB's own, where the target stands


def harmless(t, text):
    found = CONTROL.search(text)
    if found:
        raise AssertionError("%r is printed in %r" % (found.group(), text[max(0, found.start() - 60) : found.end() + 20]))


@test(timeout=90)
def odd_names_never_steer_a_terminal(t):
    fixture = t.fixture("oddnames.py")
    for command in ("threads", "bt --all", "info", "sample 20 --interval 1000"):
        result = t.scalene(fixture.pid, command)
        t.succeeded(result)
        harmless(t, result.out)
        harmless(t, GDB_SOURCE_LINE.sub("", result.err))
    for command in ("threads --json", "bt --all --json"):
        result = t.scalene(fixture.pid, command)
        t.succeeded(result)
        harmless(t, re.sub("^\\t+", "", result.out, flags=re.M).replace(":\t", ": "))  # cJSON's layout has tabs
        t.contains(json.loads(result.out)["threads"][1]["name"], "\u061c\u200b\u2061\ufeff\U000e0041")
    result = t.scalene(fixture.pid, "bt --all")
    t.contains(result.out, "\\x1b[31mred")
    t.contains(result.out, "\U0001f4a5")


@test(timeout=90)
def odd_names_survive_in_json(t):
    fixture = t.fixture("oddnames.py", "busy")
    threads = t.json(fixture.pid, "bt --all")["threads"]
    (odd,) = [thread for thread in threads if not thread["main"]]
    t.contains(odd["name"], "\x1b[31mred\x1b[0m\x07\r\n\u202e</script><!--\U0001f4a5")
    _, result = t.profile(fixture.pid, "sample 200 --interval 1000 --quiet")
    t.contains(result.out, "without the lines of 1 file whose source is not there (100% of the time)")
    with open(t.path("profile.json"), encoding="utf-8") as f:
        text = f.read()
    for markup in ("</script", "<script", "<!--"):
        t.true(markup not in text, markup + " stands raw in the JSON")


WAITER = """import sys, _thread
sys.path.append(%r)
from fixture import prepare, ready
lock = _thread.allocate_lock()
def run():
    prepare()
    lock.acquire()
    ready(sys.argv[1])
    %s
"""


def write(directory, name, text, encoding="ascii"):
    with open(os.path.join(directory, name), "wb") as f:
        f.write(text.encode(encoding))


@test(timeout=90)
def a_path_need_not_be_utf8(t):
    directory = os.path.join(os.fsencode(t.tmp), b"l\xe9t\xe9")
    os.mkdir(directory)
    write(directory, b"m.py", WAITER % (FIXTURES, "lock.acquire()"))
    write(directory, b"x.py", "import m\nm.run()\n")
    shown = t.path("l\\xe9t\\xe9") + "/m.py"
    for words in (["-c", "import m; m.run()"], ["x.py"]):
        fixture = t.fixture(words, cwd=directory).blocked()
        result = t.scalene(fixture.pid, "bt")
        t.succeeded(result)
        t.contains(result.out, '  File "%s", line 9, in run\n    lock.acquire()\n' % shown)
        profile, result = t.profile(fixture.pid, "sample 50 --interval 1000")
        t.contains(result.out, "    lock.acquire()\n")
        t.equal(list(profile["files"]), [shown])
        t.equal(profile["files"][shown]["lines"][8]["line"], "    lock.acquire()\n")
        fixture.kill()


@test()
def standard_input_is_no_path(t):
    write(t.tmp, "m.py", WAITER % (FIXTURES, "lock.acquire()"))
    write(t.tmp, "input", "import sys\nsys.path.append(%r)\nimport m\nm.run()\n" % t.tmp)
    with open(t.path("input")) as script:
        fixture = t.fixture(["-"], stdin=script, cwd=t.tmp).blocked()
    profile, _ = t.profile(fixture.pid, "sample 20 --interval 1000 --quiet")
    t.equal(profile["program"], "<stdin>")
    t.equal(list(profile["files"]), [t.path("m.py")])


@test(timeout=90)
def bt_and_the_report_read_a_source_alike(t):
    line = "len('été'); lock.acquire()"
    text = WAITER % (FIXTURES, line)
    write(t.tmp, "latin.py", "# coding: latin-1\n" + text, "latin-1")
    write(t.tmp, "returns.py", text.replace("\n", "\r"), "utf-8")
    write(t.tmp, "mark.py", text.replace("\n", "\r\n"), "utf-8-sig")
    for module in ("latin", "returns", "mark"):
        fixture = t.fixture(["-c", "import %s; %s.run()" % (module, module)], cwd=t.tmp).blocked()
        for command in ("bt", "sample 50 --interval 1000"):
            result = t.scalene(fixture.pid, command)
            t.succeeded(result)
            t.contains(result.out, line + "\n")
        fixture.kill()


@test()
def the_same_command_prints_the_same_twice(t):
    fixture = t.fixture("truth.py", channel=True)
    fixture.stop()
    for command in ("info", "threads", "bt --all"):
        first, second = t.scalene(fixture.pid, command), t.scalene(fixture.pid, command)
        t.succeeded(first)
        t.succeeded(second)
        t.equal(first.out, second.out)


@test(hosts=("gdb", "lldb"))
def a_debugger_and_the_program_print_the_same(t):
    fixture = t.fixture("truth.py", channel=True)
    fixture.stop()
    for command in ("info", "bt --all", "help bt", "help sample"):
        debugger = t.scalene(fixture.pid, command)
        program = t.cli("-p", fixture.pid, *command.split())
        t.succeeded(debugger)
        t.succeeded(program)
        if command.startswith("bt"):  # a debugger's stop is another one than the signal's
            strip = re.compile(r"^(Thread \d+ .*\").*\)$", re.M)
            debugger.out, program.out = strip.sub(r"\1", debugger.out), strip.sub(r"\1", program.out)
        t.equal(debugger.out, program.out)


@test(pythons="one")
def help_names_every_command(t):
    overview = t.scalene(None, "help")
    t.succeeded(overview)
    for command in ("info", "threads", "bt", "sample", "report", "dump", "settings", "help"):
        t.contains(overview.out, command)
        page = t.scalene(None, "help " + command)
        t.succeeded(page)
        t.true(len(page.out.splitlines()) >= 2, page.out)


@test(pythons="one")
def a_profile_goes_to_the_output(t):
    fixture = t.fixture("sleeper.py")
    for command in ("sample 5 --interval 1000 -o -", "sample 5 --no-resume --output=-", "threads --json -"):
        result = t.scalene(fixture.pid, command)
        t.succeeded(result)
        document = json.loads(result.out)
        t.true("files" in document or document["pid"] == fixture.pid, result.out)
    t.true(not os.path.exists("-"), "there is a file named -")
    if t.host == "gdb":
        result = t.gdb(fixture.pid, "scalene sample 5 --interval 1000 -q", "echo here\\n", "scalene dump -")
        t.succeeded(result)
        t.contains(json.loads(result.out.partition("here\n")[2].partition("\n[Inferior")[0])["program"], "sleeper.py")


@test(pythons="one")
def a_name_of_a_file_never_steers_a_terminal(t):
    fixture = t.fixture("sleeper.py")
    result = t.scalene(fixture.pid, "sample 5 --interval 1000 -q -o " + t.path("\x1b[31m\u202e.json"))
    t.succeeded(result)
    harmless(t, result.out)
    t.contains(result.out, "wrote " + t.path("\\x1b[31m\\u202e.json") + ": ")


@test(pythons="one")
def json_goes_to_the_output_without_a_file(t):
    fixture = t.fixture("sleeper.py")
    result = t.scalene(fixture.pid, "threads --json")
    t.succeeded(result)
    t.equal(json.loads(result.out)["pid"], fixture.pid)


# -- settings in GDB: the same ones, by two ways -------------------------------------------------------------

SHOWN = re.compile(r"^([a-z-]+): (.*)$", re.M)
LISTED = re.compile(r"^([a-z-]+)  +(\S+)  ", re.M)


def settings_of(t, *commands):
    """The settings as `show scalene` has them after these commands, and as `scalene settings` has them."""
    names = [name for name, _ in LISTED.findall(t.cli("settings").out)]
    result = t.gdb(None, *commands, *["show scalene " + name for name in names], "scalene settings")
    t.succeeded(result)
    shown, listed = dict(SHOWN.findall(result.out)), dict(LISTED.findall(result.out))
    t.equal(sorted(shown), sorted(names), str(result))
    t.equal(shown, listed, "the two ways disagree: %s" % result)
    return shown, result


@test(pythons="one", hosts=("gdb",))
def settings_have_their_defaults(t):
    shown, _ = settings_of(t)
    t.equal(shown, {"color": "auto", "limit": "20", "max-string": "200", "source": "on"})
    t.equal(dict(LISTED.findall(t.cli("settings").out)), shown)


@test(pythons="one", hosts=("gdb",))
def settings_are_set_by_either_command(t):
    shown, _ = settings_of(t, "set scalene limit 5", "set scalene color off", "set scalene source off")
    t.equal(shown, {"color": "off", "limit": "5", "max-string": "200", "source": "off"})
    shown, _ = settings_of(t, "scalene settings set max-string 40", "scalene settings set color on")
    t.equal(shown, {"color": "on", "limit": "20", "max-string": "40", "source": "on"})


@test(pythons="one", hosts=("gdb",))
def a_bad_setting_is_refused_and_the_old_one_stays(t):
    bad = ["limit x", "limit -1", "limit", "limit 5 6", "max-string 0", "max-string 99999999", "color blue", "source maybe"]
    shown, result = settings_of(t, "set scalene limit 7", *["set scalene " + words for words in bad])
    t.equal(shown, {"color": "auto", "limit": "7", "max-string": "200", "source": "on"})
    t.equal(len(result.err.strip().splitlines()), len(bad), str(result))
    for part in ("limit must be a whole number from 0 to", 'not "x"', "max-string must be a whole number from 1 to", '"blue"'):
        t.contains(result.err, part)


@test(pythons="one", hosts=("gdb",))
def settings_change_what_is_printed(t):
    fixture = t.fixture("sleeper.py")
    result = t.gdb(fixture.pid, "set scalene source off", "scalene bt", "set scalene source on", "scalene bt")
    t.succeeded(result)
    t.equal(result.out.count("in sleep_here"), 2, str(result))
    t.equal(result.out.count("time.sleep(1000)"), 1, str(result))
    result = t.gdb(fixture.pid, "set scalene max-string 10", "scalene bt")
    t.succeeded(result)
    t.contains(result.out, "…")
    result = t.gdb(None, "with scalene limit 5 -- show scalene limit", "show scalene limit")
    t.succeeded(result)
    t.equal(result.out.split("\n")[:2], ["limit: 5", "limit: 20"], str(result))


@test(pythons="one", hosts=("gdb",))
def settings_have_help_in_gdb(t):
    result = t.gdb(None, "help set scalene", "help set scalene limit", "help show scalene limit")
    t.succeeded(result)
    for name in ("color", "limit", "max-string", "source"):
        t.contains(result.out, "set scalene " + name + " -- ")
    t.equal(result.out.count("lines per file, and functions, that a report shows; 0: all"), 3, str(result))
