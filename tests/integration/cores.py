"""cores - core dumps of fixtures, made when they are needed: of the kernel, core(5), or of GDB."""
import glob
import os
import resource
import tempfile


class Core:
    """A core dump in place of a process: what takes a pid takes this."""

    def __init__(self, path, pid, *words):
        self.path, self.pid, self.words = path, pid, words  # words: of the command line alone, like -e EXE


def can_dump():
    """Does the kernel write a core into the working directory?"""
    with open("/proc/sys/kernel/core_pattern") as f:
        return f.read().strip() == "core" and resource.getrlimit(resource.RLIMIT_CORE)[1] == resource.RLIM_INFINITY


def allow_cores():
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY,) * 2)


def needs_kernel_cores(t):
    if not can_dump():
        t.skip('the kernel writes no cores here: core_pattern is not "core", or RLIMIT_CORE is limited')


def mortal(t, name, *args, **options):
    """A fixture whose death leaves a core."""
    directory = tempfile.mkdtemp(dir=t.tmp)
    options.update(preexec_fn=allow_cores if can_dump() else None, cwd=directory)
    fixture = t.fixture(name, *args, **options)
    fixture.directory = directory
    return fixture


def core_of(t, fixture, number=None):
    """The core that a mortal fixture leaves; `number`: the signal to kill it by, or it dies by itself. Where the kernel
    writes none, GDB does before that."""
    if not can_dump():
        core = gcore_of(t, fixture)
        fixture.kill()
        return core
    if number:
        fixture.signal(number)
    fixture.process.wait(60)
    paths = glob.glob(fixture.directory + "/core*")
    t.equal(len(paths), 1, "no core of %s" % fixture.process.args)
    return Core(paths[0], fixture.pid)


def gcore_of(t, fixture):
    """GDB's own core of a process that lives on."""
    path = os.path.join(tempfile.mkdtemp(dir=t.tmp), "gcore")
    t.succeeded(t.gdb(fixture.pid, "generate-core-file " + path))
    return Core(path, fixture.pid)
