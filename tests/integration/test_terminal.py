"""The program on a terminal: the line that says how far it is, which leaves nothing behind."""
import os
import pty
import re

from harness import test

STATUS = re.compile(r"\rsampling: (\d+) of 1000 \((\d+)%\), Ctrl-C ends it\x1b\[K")


def with_terminal(t, argv, **streams):
    """Run the program with a pseudo-terminal for the streams of that name; what it wrote there."""
    ours, theirs = pty.openpty()
    process = t.popen(argv, **{name: theirs if where == "terminal" else where for name, where in streams.items()})
    os.close(theirs)
    text = b""
    try:
        while True:
            text += os.read(ours, 65536)
    except OSError:
        pass  # EIO: nobody has the other side open any more, pty(7)
    finally:
        os.close(ours)
    t.equal(process.wait(), 0, text)
    return text.decode("utf-8")


def screen(text):
    """The lines that stand there in the end: CR goes to the first column, CSI K clears what is right of the cursor."""
    lines, column = [""], 0
    for piece in re.findall(r"\r|\n|\x1b\[K|[^\r\n\x1b]+", text):
        if piece == "\n":
            lines.append("")
            column = 0
        elif piece == "\r":
            column = 0
        elif piece == "\x1b[K":
            lines[-1] = lines[-1][:column]
        else:
            lines[-1] = lines[-1][:column] + piece + lines[-1][column + len(piece) :]
            column += len(piece)
    return [line for line in lines if line]


def sampling(t, fixture):
    return [t.cli_path(), "-p", str(fixture.pid), "sample", "1000", "--interval", "1000", "--quiet"]


@test(pythons="one", hosts=("cli",))
def a_status_line_comes_and_goes(t):
    fixture = t.fixture("sleeper.py")
    text = with_terminal(t, sampling(t, fixture), stdout="terminal", stderr="terminal")
    taken = [int(n) for n, _ in STATUS.findall(text)]
    t.true(taken and taken == sorted(taken), repr(text))
    for n, percent in STATUS.findall(text):
        t.near(int(percent), int(n) / 10, 0.5, repr(text))
    left = screen(text)
    t.true(left[0].startswith("1000 samples asked"), str(left))
    t.true(not any("sampling:" in line for line in left), str(left))
    t.equal(re.findall(r"\x1b(?!\[K)", text), [], repr(text))


@test(pythons="one", hosts=("cli",))
def the_status_line_keeps_out_of_the_output(t):
    fixture = t.fixture("sleeper.py")
    with open(t.path("out"), "wb") as out:
        text = with_terminal(t, sampling(t, fixture), stdout=out, stderr="terminal")
    t.true(STATUS.search(text), repr(text))
    t.equal(screen(text), [])
    with open(t.path("out"), encoding="utf-8") as f:
        t.true(re.match(r"1000 samples asked[^\r\x1b]*$", f.read()), "the output has more than the summary")


@test(pythons="one")
def without_a_terminal_there_is_no_status_line(t):
    fixture = t.fixture("sleeper.py")
    result = t.scalene(fixture.pid, "sample 1000 --interval 1000 --quiet")
    t.succeeded(result)
    for text in (result.out, result.err):
        t.true("sampling:" not in text and "\x1b" not in text and "\r" not in text, repr(text))
