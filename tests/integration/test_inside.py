"""Targets whose files, processes and ids are others than ours: a chroot, namespaces of their own."""
import contextlib
import glob
import os
import re
import shutil
import struct
import subprocess
import tempfile

from harness import test

SOURCE = '''import os, signal, sys, threading, time

never = threading.Event()


def seen_only_inside():
    never.wait()  # this comment is nowhere else


def main():
    signal.signal(signal.SIGALRM, lambda *_: os._exit(0))
    signal.alarm(120)
    threading.Thread(target=seen_only_inside, name="worker", daemon=True).start()
    os.write(1, b"ready\\n")
    time.sleep(1000)  # nor is this one


main()
'''


def needs_root(t):
    if os.geteuid() != 0:
        t.skip("needs root, for chroot(2) and mounts")


@contextlib.contextmanager
def started(t, argv, **options):
    """A process that has said "ready" on its standard output."""
    with tempfile.TemporaryFile(dir=t.tmp) as errors:
        process = t.popen(argv, stdout=subprocess.PIPE, stderr=errors, **options)
        try:
            if process.stdout.readline() != b"ready\n":
                errors.seek(0)
                raise AssertionError("%s has not started: %s" % (argv, errors.read().decode("utf-8", "replace")))
            yield process
        finally:
            process.kill()
            process.wait()


def threads_of(pid):
    """Those that sleep, once all do: what they are ready for they do at once."""
    for _ in range(1000):
        found = {}
        for path in glob.glob("/proc/%d/task/*/stat" % pid):
            with open(path) as f:
                found[int(path.split("/")[4])] = f.read().rpartition(")")[2].split()[0]
        if len(found) == 2 and set(found.values()) == {"S"}:
            return sorted(found)
    raise AssertionError("the target does not come to rest: %s" % found)


def is_seen_whole(t, pid, script):
    """info, bt with sources, names and ids, and a sample with lines, of a target whose script we cannot see."""
    t.true(not os.path.exists(script), script + " is there outside, too")
    lwps = threads_of(pid)
    info = t.json(pid, "info")
    t.equal((info["python"], info["pid"], info["threads"]), (t.python.version, pid, 2))
    shown = t.scalene(pid, "bt --all")
    t.succeeded(shown)
    for part in ("in seen_only_inside", "this comment is nowhere else", "nor is this one", '"worker"', script):
        t.contains(shown.out, part)
    main, worker = t.json(pid, "bt --all")["threads"]
    t.equal([main["lwp"], worker["lwp"]], lwps)
    t.equal((main["main"], worker["main"], worker["name"]), (True, False, "worker"))
    profile, _ = t.profile(pid, "sample 20 --interval 1000 --quiet")
    t.equal(profile["scalene_dbg"]["samples"]["taken"], 20)
    detail = profile["files"][script]
    t.equal([f["line"] for f in detail["functions"]], ["seen_only_inside", "main"])
    t.true(any("this comment is nowhere else" in line["line"] for line in detail["lines"]), str(detail["lines"]))


# -- a chroot -------------------------------------------------------------------------------------------------

PACKAGES = {"collections", "encodings", "importlib", "re"}  # all that `import threading` needs


def loader_of(path):
    """PT_INTERP of a program of 64 bits: each C library lists with its own alone."""
    with open(path, "rb") as f:
        head = f.read(64)
        table, size, count = struct.unpack_from("<Q", head, 32)[0], *struct.unpack_from("<HH", head, 54)
        for i in range(count):
            f.seek(table + i * size)
            kind, _, offset, _, _, length = struct.unpack_from("<IIQQQQ", f.read(size))
            if kind == 3:
                f.seek(offset)
                return f.read(length).rstrip(b"\0").decode()
    raise AssertionError(path + " names no loader")


def not_needed(directory, names):
    return [name for name in names if os.path.isdir(os.path.join(directory, name)) and name not in PACKAGES]


def furnish(t, root):
    """The interpreter, its library and the shared objects that it is linked with, where they are outside."""
    library = t.call([t.python.path, "-S", "-c", "import sysconfig; print(sysconfig.get_paths()['stdlib'])"])
    loader = loader_of(t.python.path)
    linked = t.call([loader, "--list", t.python.path])
    t.succeeded(library)
    t.succeeded(linked)
    shutil.copytree(library.out.strip(), root + library.out.strip(), ignore=not_needed, symlinks=True)
    for path in [t.python.path, loader] + re.findall(r"(/\S+) \(0x", linked.out):
        os.makedirs(os.path.dirname(root + path), exist_ok=True)
        shutil.copy(path, root + path)


@test(timeout=90)
def a_target_in_a_chroot(t):
    needs_root(t)
    root = t.path("root")
    furnish(t, root)
    script = "/seen-only-inside/app.py"
    os.mkdir(root + os.path.dirname(script))
    with open(root + script, "w") as f:
        f.write(SOURCE)

    def enter():
        os.chroot(root)
        os.chdir("/")

    with started(t, [t.python.path, "-S", script], preexec_fn=enter) as target:
        is_seen_whole(t, target.pid, script)


# -- namespaces -------------------------------------------------------------------------------------------------


def child_of(pid):
    with open("/proc/%d/task/%d/children" % (pid, pid)) as f:
        return int(f.read().split()[0])


@test(timeout=90)
def a_target_in_namespaces_of_its_own(t):
    needs_root(t)
    unshare = ["unshare", "-m", "-p", "-f", "--kill-child", "--mount-proc"]
    if not shutil.which("unshare") or t.call(unshare + ["true"]).status != 0:
        t.skip("cannot make namespaces: unshare -m -p fails")
    directory, source = t.path("mounted"), t.path("source.py")
    os.mkdir(directory)
    with open(source, "w") as f:
        f.write(SOURCE)
    script = os.path.join(directory, "app.py")
    inside = 'mount -t tmpfs none "$1" && cp "$2" "$1/app.py" && exec "$3" -S "$1/app.py"'
    argv = unshare + ["sh", "-c", inside, "sh", directory, source, t.python.path]
    with started(t, argv) as target:
        pid = child_of(target.pid)
        with open("/proc/%d/status" % pid) as f:
            t.true(re.search(r"^NSpid:\s*%d\s+1$" % pid, f.read(), re.M), "it is not process 1 of its namespace")
        is_seen_whole(t, pid, script)
        t.equal(t.json(pid, "info")["pid_inside"], 1)
        t.contains(t.scalene(pid, "info").out, "%d (live), 1 in its pid namespace\n" % pid)
