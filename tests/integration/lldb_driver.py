"""lldb_driver - what the lldb_* tests share: the counting target of the gdb_* tests, LLDB on it, and checks of both."""
import os
import re
import shutil
import subprocess
import sys

import gdb_driver
from gdb_driver import PATIENCE, Output, expect
from harness import LLDB_NOISE, ROOT

PROMPT = "(lldb) "
SELECTED = re.compile(r"^\* thread #\d+: tid = (\d+)", re.M)
SIGINT = 1 << 1
# `facts`, as LLDB has no command of that name: the threads, and the kernel's word on their signals.
LIST = "thread list"


class Facts:
    """What the debugger and the kernel say of the target after a command."""

    def __init__(self, text):
        threads, _, kernel = text.partition(PROMPT)
        selected = SELECTED.search(threads)
        self.lwp = int(selected.group(1)) if selected else 0
        self.states = re.findall(r"^State:\s*(\S)", kernel, re.M)
        self.pending = sum(bool(int(word, 16) & SIGINT) for word in re.findall(r"^S[ih][gd]Pnd:\s*(\w+)", kernel, re.M))

    @property
    def state(self):
        return "none" if not self.states else "stopped" if set(self.states) == {"t"} else "running"


class LldbTarget(gdb_driver.Target):
    """gdb_target.py, attached to or started by LLDB."""

    def script(self, name, text):
        """An LLDB command that runs a shell script. LLDB 14 gives `shell` its line unquoted."""
        path = os.path.join(self.directory, name + ".sh")
        with open(path, "w") as f:
            f.write(text + "\n")
        return "shell sh " + path

    @property
    def go(self):
        return self.script("let-go", "echo > %s/go" % self.directory)

    def lldb_argv(self, *commands):
        """The arguments of LLDB, and what it is to be given as commands."""
        argv = [os.path.join(ROOT, "scripts", "scalene-lldb"), "-x", "-X"]
        kernel = self.script("facts", "grep -hE '^(State|SigPnd|ShdPnd)' /proc/%d/task/*/status" % self.pid)
        words = []
        for command in commands:
            words += [LIST, kernel] if command == "facts" else [command]
        if self.how == gdb_driver.ATTACHED:
            argv += ["-p", str(self.pid)]
        else:
            words = ["breakpoint set --one-shot true --name getppid", "process launch"] + words
        return argv, words, ["--"] + self.program if self.how == gdb_driver.STARTED else []

    def lldb(self, *commands, batch=True):
        """Its output, with the facts among the commands in their order. A batch ends with the first error."""
        argv, words, program = self.lldb_argv(*commands)
        script = os.path.join(self.directory, "script")
        with open(script, "w") as f:
            f.write("" if batch else "\n".join(words + ["quit", ""]))
        for word in words if batch else []:
            argv += ["-o", word]
        argv += (["-b"] if batch else []) + program
        with open(os.path.join(self.directory, "output"), "w+b") as f, open(script) as typed:
            program = subprocess.Popen(argv, stdin=typed, stdout=f, stderr=f)
            try:
                status = program.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                program.kill()
                status = program.wait()
                f.write(b"\nkilled after %d s" % PATIENCE)
            f.seek(0)
            text = LLDB_NOISE.sub("", f.read().decode("utf-8", "replace"))
        output = self.output = Output(text, status)
        output.facts = [Facts(piece) for piece in text.split(PROMPT + LIST + "\n")[1:]]
        launched = re.search(r"^Process (\d+) launched", text, re.M)
        if launched:
            self.pid = int(launched.group(1))
        return output


def stands_as_before(facts, count):
    """Each state is that of the first: stopped, the same thread selected, nothing on its way."""
    expect(len(facts) == count, "%d states, not %d", len(facts), count)
    for n, now in enumerate(facts):
        expect(now.state == "stopped", "command %d left the target %s (%s)", n, now.state, now.states)
        expect(now.lwp == facts[0].lwp, "command %d selected LWP %d, not %d", n, now.lwp, facts[0].lwp)
        expect(now.pending == 0, "command %d left %d SIGINT pending", n, now.pending)


def main(tests):
    reason = None if shutil.which(os.environ.get("SCALENE_LLDB", "lldb")) else "no lldb"
    return gdb_driver.main(tests, LldbTarget, reason)


if __name__ == "__main__":
    sys.exit("lldb_driver is no test of its own")
