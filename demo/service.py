#!/usr/bin/env python3
"""A small web-ish service and the clients that keep it busy, as something to profile.

usage: service.py [READY_FIFO [SECONDS]]

Requests are lines on a Unix socket; an answer is a line of JSON. Some are computed in Python, some in C
functions, some block in a thread, and a plain thread rotates the log. It ends by itself after SECONDS (60).
"""
import asyncio
import functools
import hashlib
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
import zlib

CLIENTS = 6
PAGE = ("lorem ipsum dolor sit amet " * 400).encode()
log_lines = []
handlers = []
stopping = threading.Event()


def count_primes(limit):
    """CPU time in Python."""
    found = 0
    for n in range(2, limit):
        for divisor in range(2, int(n**0.5) + 1):
            if n % divisor == 0:
                break
        else:
            found += 1
    return found


def render(rows):
    """Some of both: Python that calls small C functions."""
    cells = []
    for i in range(rows):
        cells.append("<td>%d</td><td>%s</td>" % (i, str(i * i).rjust(8)))
    return "".join(cells)


def fingerprint(rounds):
    """CPU time in C functions."""
    digest = b"salt"
    for _ in range(rounds):
        digest = hashlib.sha256(PAGE + digest).digest()
    return digest.hex()


def compress():
    return len(zlib.compress(PAGE * 30, 9))


def read_archive(seconds):
    """A blocking call, as of a library that knows no asyncio."""
    time.sleep(seconds)
    return "archived"


async def to_thread(function, *args):
    """asyncio.to_thread, which Python 3.8 does not have."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, functools.partial(function, *args))


async def answer(request):
    kind = request["kind"]
    if kind == "primes":
        return count_primes(request["size"])
    if kind == "render":
        return len(render(request["size"]))
    if kind == "fingerprint":
        return fingerprint(request["size"])
    if kind == "compress":
        return compress()
    return await to_thread(read_archive, 0.05)


async def handle(reader, writer):
    handlers.append(asyncio.current_task())
    while True:
        line = await reader.readline()
        if not line:
            break
        request = json.loads(line.decode())
        result = await answer(request)
        log_lines.append("%s %r" % (request["kind"], result))
        writer.write(json.dumps({"result": result}).encode() + b"\n")
        await writer.drain()
    writer.close()


async def client(path, number):
    generator = random.Random(number)
    reader, writer = await asyncio.open_unix_connection(path)
    while not stopping.is_set():
        kind = generator.choice(["primes", "render", "fingerprint", "compress"] * 6 + ["archive"])
        size = {"primes": 6000, "render": 6000, "fingerprint": 400}.get(kind, 0)
        writer.write(json.dumps({"kind": kind, "size": size}).encode() + b"\n")
        await reader.readline()
        await asyncio.sleep(generator.random() * 0.01)
    writer.close()


def rotate_log():
    """A plain thread that is asleep most of the time."""
    while not stopping.wait(0.2):
        del log_lines[:-1000]


def may_be_traced():
    """Under Yama's ptrace_scope 1 only an ancestor may trace; a demo allows everybody of the same user (prctl(2))."""
    try:
        with open("/proc/sys/kernel/yama/ptrace_scope") as scope:
            if scope.read().strip() == "1":
                import ctypes

                ctypes.CDLL(None).prctl(0x59616D61, ctypes.c_ulong(-1), 0, 0, 0)
    except (OSError, ImportError):
        pass


async def serve(directory, fifo, seconds):
    path = os.path.join(directory, "service.sock")
    told_to_end = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told_to_end.set)
    server = await asyncio.start_unix_server(handle, path)
    clients = [asyncio.ensure_future(client(path, number)) for number in range(CLIENTS)]
    await asyncio.sleep(0)
    if fifo:
        with open(fifo, "w") as f:
            f.write("ready\n")
    try:
        await asyncio.wait_for(told_to_end.wait(), seconds)
    except asyncio.TimeoutError:
        pass
    stopping.set()
    await asyncio.gather(*clients)
    server.close()
    await asyncio.gather(*handlers)


def main():
    if sys.argv[1:] and sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    fifo = sys.argv[1] if len(sys.argv) > 1 else None
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 60.0
    may_be_traced()
    threading.Thread(target=rotate_log, name="log-rotation", daemon=True).start()
    directory = tempfile.mkdtemp(prefix="scalene-demo-")
    try:
        asyncio.run(serve(directory, fifo, seconds))
    finally:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
