"""Real servers under load: aiohttp, and FastAPI under uvicorn on asyncio and on uvloop."""
import os

import harness
from harness import ROOT, test

CLIENTS = 300
PACKAGES = ("aiohttp", "fastapi", "uvicorn", "uvloop")


def interpreter(t):
    """The newest one for which the packages can be had."""
    why = ""
    for python in reversed(harness.find_pythons()):
        got = t.call([os.path.join(ROOT, "scripts", "dev", "get-venv"), python.path, "web", *PACKAGES], timeout=150)
        if not got.status:
            return harness.Python(os.path.join(got.out.strip(), "bin", "python3"), python.version)
        why = got.err.strip()
    t.skip(why)


def count(tasks, **wanted):
    """Tasks whose wait has these values."""
    waits = [task["wait"] for task in tasks if "wait" in task]
    return sum(all(wait.get(key) == value for key, value in wanted.items()) for wait in waits)


def check_server(t, python, what):
    fixture = t.fixture("web.py", what, CLIENTS, python=python, channel=True)
    tasks = t.json(fixture.pid, "tasks")["tasks"]
    t.equal({int(task["address"], 16) for task in tasks}, set(fixture.ask()))
    t.equal([task["name"] for task in tasks if task["stuck"]], [])
    t.equal(count(tasks, reason="event", waiters=CLIENTS), CLIENTS)
    timeouts = [task["wait"]["timeout_seconds_left"] for task in tasks if "timeout_seconds_left" in task.get("wait", {})]
    # uvloop keeps its timers in C, where nothing says whose they are.
    t.equal(sum(400 < left <= 500 for left in timeouts), 0 if what == "uvloop" else CLIENTS)
    t.equal(count(tasks, reason="stream"), CLIENTS + 1)
    (executor,) = [task["wait"] for task in tasks if task.get("wait", {}).get("reason") == "executor"]
    t.contains(str(executor["thread"]), "blocks")
    report = t.scalene(fixture.pid, "await-report")
    t.succeeded(report)
    t.contains(report.out, "\u00d7%d " % CLIENTS)
    t.true(len(report.out.splitlines()) < 60, report.out)
    profile, _ = t.profile(fixture.pid, "sample 50 --interval 1000 --quiet")
    own = profile["scalene_dbg"]["await"]
    t.true(own["samples"]["with_tasks"] > 25 and own["tasks_peak"] == len(tasks), str(own))
    t.goes_on(fixture)
    fixture.kill()


@test(pythons="one", timeout=400)
def servers_with_hundreds_of_connections(t):
    python = interpreter(t)
    for what in ("aiohttp", "uvicorn", "uvloop"):
        check_server(t, python, what)
