"""The rules of x-invariants: one function for each, found by the rule's own text; each gives what breaks it."""

import math
import re

TOLERANCE = 1e-6  # of sums of rounded shares

INVARIANTS = {}


def invariant(text):
    def register(function):
        INVARIANTS[text] = function
        return function

    return register


def records(doc, kinds=("lines", "functions")):
    for path, detail in doc["files"].items():
        for kind in kinds:
            for i, record in enumerate(detail[kind]):
                yield "/files/%s/%s/%d" % (path, kind, i), record


def cpu_sum(record):
    return record["n_cpu_percent_c"] + record["n_cpu_percent_python"] + record["n_sys_percent"]


@invariant("per line and per function: floor(n_cpu_percent_c + n_cpu_percent_python + n_sys_percent) <= 100")
def record_sums(doc, text):
    return ["%s: %.9g" % (at, cpu_sum(r)) for at, r in records(doc) if math.floor(cpu_sum(r)) > 100]


@invariant("per line and per function: n_avg_mb <= n_peak_mb")
def average_below_peak(doc, text):
    return [at for at, r in records(doc) if r["n_avg_mb"] > r["n_peak_mb"]]


@invariant("per line and per function: n_gpu_avg_memory_mb <= n_gpu_peak_memory_mb")
def gpu_average_below_peak(doc, text):
    return [at for at, r in records(doc) if r["n_gpu_avg_memory_mb"] > r["n_gpu_peak_memory_mb"]]


def every_number(value, path=""):
    if isinstance(value, float):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from every_number(item, path + "/" + key)
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from every_number(item, "%s/%d" % (path, i))


@invariant(
    "bounds are exact: 100.00000001 in a percentage or 1.00000001 in a fraction is rejected, NaN in a bounded"
    " field too; clamp after rounding"
)
def numbers_are_finite(doc, text):
    # The bounds themselves are the schema's; NaN does not get through the parser, but 1e999 does.
    return ["%s: %r" % (at, v) for at, v in every_number(doc) if not math.isfinite(v)]


@invariant(
    "per file: sum over lines of the three CPU percentages <= 100 (all are rescaled when it is exceeded)"
)
def file_sums(doc, text):
    sums = {path: math.fsum(cpu_sum(r) for r in d["lines"]) for path, d in doc["files"].items()}
    return ["%s: %.9g" % item for item in sums.items() if item[1] > 100 + TOLERANCE]


@invariant(
    "over all files: n_async_await_percent of lines sums to at most 100 (less when files or untraced tasks were"
    " dropped)"
)
def await_sum(doc, text):
    total = math.fsum(r.get("n_async_await_percent", 0) for _, r in records(doc, ("lines",)))
    return ["%.9g" % total] if total > 100 + TOLERANCE else []


@invariant("n_growth_mb == n_peak_mb; n_async_concurrency_mean <= n_async_concurrency_peak")
def copies_and_means(doc, text):
    for at, r in records(doc):
        if r["n_growth_mb"] != r["n_peak_mb"]:
            yield "%s: growth %r, peak %r" % (at, r["n_growth_mb"], r["n_peak_mb"])
        mean, peak = r.get("n_async_concurrency_mean", 0), r.get("n_async_concurrency_peak", 0)
        if mean > peak * (1 + 1e-12):
            yield "%s: concurrency mean %r, peak %r" % (at, mean, peak)


@invariant("lines[i].lineno == i + 1 unless a reduced profile was requested")
def dense_lines(doc, text):
    for path, detail in doc["files"].items():
        for i, record in enumerate(detail["lines"]):
            if record["lineno"] != i + 1:
                yield "%s: line %d is numbered %d" % (path, i + 1, record["lineno"])
                break


@invariant(
    "async_task_names sorted, unique, <= 100 per line; cpu_samples_list sorted, <= 500; memory_samples and samples"
    " <= 100"
)
def list_bounds(doc, text):
    if len(doc["samples"]) > 100:
        yield "/samples: %d" % len(doc["samples"])
    for at, r in records(doc):
        names, times = r.get("async_task_names", []), r["cpu_samples_list"]
        # A function's names are the union of those of its lines.
        if names != sorted(set(names)) or ("/lines/" in at and len(names) > 100):
            yield "%s: async_task_names" % at
        if times != sorted(times) or len(times) > 500:
            yield "%s: cpu_samples_list" % at
        if len(r["memory_samples"]) > 100:
            yield "%s: memory_samples" % at


def look(frame):
    return frame["kind"], frame["display_name"], frame["filename_or_module"], frame["line"]


@invariant(
    "combined_stacks: unique by (kind, name, file or module, line), <= 10000 entries, py frames before native ones"
)
def stacks_are_unique(doc, text):
    seen = {}
    stacks = doc.get("combined_stacks", [])
    if len(stacks) > 10000:
        yield "%d entries" % len(stacks)
    for i, (frames, _) in enumerate(stacks):
        key = tuple(look(f) for f in frames)
        if key in seen:
            yield "%d is %d again" % (i, seen[key])
        seen.setdefault(key, i)
        kinds = [f["kind"] for f in frames]
        if not set(kinds) <= {"py", "native"}:
            yield "%d has a frame of another kind" % i
        if kinds != sorted(kinds, key=lambda kind: kind == "native"):
            yield "%d has a py frame after a native one" % i
        for f in frames:
            if f["kind"] == "native" and f["line"] is not None or f["kind"] == "py" and f["ip"] is not None:
                yield "%d: %s has what its kind does not have" % (i, f["display_name"])


@invariant(
    "timeline: starts at t_sec 0, non-decreasing, <= 100000 runs, no two adjacent runs with equal (stack_index,"
    " thread_id), stack_index < len(combined_stacks)"
)
def timeline_is_in_order(doc, text):
    runs, nstacks = doc.get("combined_stacks_timeline", []), len(doc.get("combined_stacks", []))
    if len(runs) > 100000:
        yield "%d runs" % len(runs)
    if runs and runs[0]["t_sec"] != 0:
        yield "starts at %r" % runs[0]["t_sec"]
    for i, run in enumerate(runs):
        if run["stack_index"] >= nstacks:
            yield "%d: stack_index %d of %d" % (i, run["stack_index"], nstacks)
        if i == 0:
            continue
        last = runs[i - 1]
        if run["t_sec"] < last["t_sec"]:
            yield "%d: goes back from %r to %r" % (i, last["t_sec"], run["t_sec"])
        if run["stack_index"] == last["stack_index"] and run.get("thread_id") == last.get("thread_id"):
            yield "%d: the same as the run before it" % i


MEMORY_TOP = ("alloc_samples", "growth_rate", "max_footprint_mb", "max_footprint_python_fraction",
              "native_allocations_mb")
MEMORY_RECORD = ("n_malloc_mb", "n_mallocs", "n_avg_mb", "n_peak_mb", "n_growth_mb", "n_python_fraction",
                 "n_usage_fraction", "n_copy_mb_s")


@invariant("memory false => samples == [] and every memory field 0")
def no_memory_data(doc, text):
    if doc["memory"]:
        return
    if doc["samples"] or doc.get("memory_stacks"):
        yield "samples or memory_stacks"
    for key in MEMORY_TOP:
        if doc.get(key, 0) != 0:
            yield "%s: %r" % (key, doc[key])
    for at, r in records(doc):
        for key in MEMORY_RECORD:
            if r[key] != 0:
                yield "%s: %s %r" % (at, key, r[key])
        if r["memory_samples"]:
            yield "%s: memory_samples" % at


@invariant(
    "end_region_line <= len(lines) and lines dense, or start_region_line == end_region_line everywhere (else"
    " TypeError)"
)
def regions_inside(doc, text):
    for path, detail in doc["files"].items():
        lines = detail["lines"]
        if all(r["start_region_line"] == r["end_region_line"] for r in lines):
            continue
        dense = all(r["lineno"] == i + 1 for i, r in enumerate(lines))
        if not dense or any(r["end_region_line"] > len(lines) for r in lines):
            yield path


@invariant("display_name is a string; line is a string; memory_samples is an array even without memory profiling")
def required_by_the_page(doc, text):
    for at, r in records(doc):
        if not isinstance(r.get("line"), str) or not isinstance(r.get("memory_samples"), list):
            yield at
    for i, (frames, _) in enumerate(doc.get("combined_stacks", [])):
        if not all(isinstance(f.get("display_name"), str) for f in frames):
            yield "combined_stacks/%d" % i


@invariant("no raw '</script', '<script' or '<!--' anywhere in the file")
def no_raw_markup(doc, text):
    return ["offset %d" % m.start() for m in re.finditer(r"</?script|<!--", text, re.IGNORECASE)]
