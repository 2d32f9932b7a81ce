"""What is wrong with the text of a profile: schema, invariants, and what this project promises of its own."""

import json
import math

from .invariants import INVARIANTS
from .schema import UnknownRule, Validator, shorten


def every_string(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from every_string(item)
    elif isinstance(value, list):
        for item in value:
            yield from every_string(item)


def own_promises(doc, text):
    for string in every_string(doc):
        if any(0xD800 <= ord(c) <= 0xDFFF for c in string):
            yield "lone surrogate in %s" % shorten(string)
    if "scalene_dbg" not in doc:
        return
    if not text.isascii():
        yield "our documents are ASCII"
    if "<" in text:
        yield "our documents have no raw <"
    for path, detail in doc["files"].items():
        if any(not r["line"].endswith("\n") or "<" in r["line"] for r in detail["lines"]):
            yield "%s: a source line without its line end or with a raw <" % path
    hits = sum(hits for _, hits in doc["combined_stacks"])
    runs = sum(run["count"] for run in doc["combined_stacks_timeline"])
    if runs > hits:
        yield "the timeline has %d samples, the stacks %d" % (runs, hits)
    yield from await_promises(doc)


def await_promises(doc):
    """Every credited share of await time is on a line, or is said to have no source."""
    own = doc["scalene_dbg"].get("await")
    if own is None:
        return
    lines = [r for detail in doc["files"].values() for r in detail["lines"]]
    functions = [r for detail in doc["files"].values() for r in detail["functions"]]
    shares = [r["n_async_await_percent"] for r in lines] + [own["percent_without_source"]]
    total, slack = math.fsum(shares), 1e-6 * (len(shares) + 1)
    if any(shares) and abs(total - 100) > slack:
        yield "await time of all lines: %.9g %%" % total
    if (own["seconds"]["credited"] > 0) != any(shares):
        yield "await time was credited to no line"
    if math.fsum(r["n_async_await_percent"] for r in functions) > 100 + slack:
        yield "await time of all functions is more than all there is"
    for r in lines + functions:
        if (r["n_async_await_percent"] > 0) > (r["n_async_concurrency_peak"] >= 1 and bool(r["async_task_names"])):
            yield "await time of nobody at line %d" % r["lineno"]
        if len(r["async_task_names"]) > 100:
            yield "%d names of tasks at line %d" % (len(r["async_task_names"]), r["lineno"])
    parts = math.fsum(value for key, value in own["seconds"].items() if key != "loop_idle")
    if abs(parts - own["seconds"]["loop_idle"]) > 1e-5 * (1 + own["seconds"]["loop_idle"]):
        yield "idle loops: %.6f s are not the %.6f s of their parts" % (own["seconds"]["loop_idle"], parts)
    if own["loop_idle_seen"] and not doc["async_profile"]:
        yield "an idle loop, but no asyncio"


def no_constant(name):
    raise ValueError("%s is no JSON" % name)


def no_twins(pairs):
    result = dict(pairs)
    if len(result) != len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError("key %r occurs twice" % next(k for k in keys if keys.count(k) > 1))
    return result


def problems_of(text, schema):
    try:
        doc = json.loads(text, parse_constant=no_constant, object_pairs_hook=no_twins)
    except ValueError as error:
        return ["not JSON: %s" % error]
    validator = Validator(schema)
    validator.check(schema, doc, "")
    if validator.problems:
        return validator.problems  # the invariants assume the schema
    found = []
    for group in schema["x-invariants"].values():
        for rule in group:
            if rule not in INVARIANTS:
                raise UnknownRule("invariant %r" % rule)
            found += ["%s [%s]" % (problem, rule) for problem in INVARIANTS[rule](doc, text)]
    return found + list(own_promises(doc, text))
