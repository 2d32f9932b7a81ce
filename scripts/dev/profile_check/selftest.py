"""A small valid document, and what each change to it must be called."""

import copy
import json

from .document import problems_of
from .schema import UnknownRule


def sample_record(schema, kind, **values):
    record = {}
    for key, rule in schema["$defs"][kind]["properties"].items():
        empty = {"string": "", "array": [], "boolean": False}.get(rule["type"], 0)
        record[key] = 1 if "exclusiveMinimum" in rule else empty
    record.update(values)
    return record


def sample_frame(name, line=1, kind="py"):
    native = kind == "native"
    return {"kind": kind, "display_name": name, "filename_or_module": "/a.py", "line": None if native else line,
            "ip": 4096 if native else None, "offset": 0 if native else None}


def sample_run(t_sec, stack, count=1, thread=7):
    return {"t_sec": t_sec, "stack_index": stack, "count": count, "thread_id": thread}


def sample_await():
    seconds = {"loop_idle": 0, "credited": 0, "library_only": 0, "table_full": 0, "no_task": 0, "not_read": 0}
    return {"loop_idle_seen": False, "percent_without_source": 0, "seconds": seconds}


def sample_document(schema):
    lines = [
        sample_record(schema, "LineDetail", line="a\n", lineno=1, n_cpu_percent_python=40.0, cpu_samples_list=[1.5, 2.5]),
        sample_record(schema, "LineDetail", line="b \\u003c c\n", lineno=2, n_cpu_percent_c=50.0, n_sys_percent=10.0),
    ]
    for number, line in enumerate(lines, 1):
        line["start_region_line"] = line["end_region_line"] = number
    function = sample_record(schema, "FunctionDetail", line="f", lineno=1, n_cpu_percent_c=50.0)
    return {
        "alloc_samples": 0, "args": ["a.py"], "async_profile": False, "elapsed_time_sec": 1.5,
        "start_time_absolute": 1.0, "start_time_perf": 2.0, "entrypoint_dir": "/", "filename": "/",
        "files": {"/a.py": {"functions": [function], "imports": [], "leaks": {}, "lines": lines,
                            "percent_cpu_time": 100.0}},
        "gpu": False, "gpu_device": "", "growth_rate": 0, "max_footprint_fname": None, "max_footprint_lineno": None,
        "max_footprint_mb": 0, "max_footprint_python_fraction": 0, "memory": False, "program": "/a.py",
        "samples": [], "stacks": [[["/a.py f:1;"], {"count": 1}]], "memory_stacks": [],
        "combined_stacks": [[[sample_frame("f"), sample_frame("g", kind="native")], 3], [[sample_frame("f")], 2]],
        "combined_stacks_timeline": [sample_run(0, 0), sample_run(0.5, 1), sample_run(0.5, 0, 2, 8)],
        "main_thread_id": 7, "native_allocations_mb": 0, "scalene_dbg": {"await": sample_await()},
    }


def put(*path_and_value):
    """A change: set the last argument at the path of the others."""

    def change(doc):
        *path, key, value = path_and_value
        for part in path:
            doc = doc[part]
        doc[key] = value

    return change


def remove(*path):
    def change(doc):
        for part in path[:-1]:
            doc = doc[part]
        del doc[path[-1]]

    return change


def await_shares(first, second, credited=1.0, names=("a",)):
    """Await time of the two lines, and of an idle loop."""

    def change(doc):
        doc["async_profile"] = True
        doc["scalene_dbg"]["await"]["loop_idle_seen"] = True
        doc["scalene_dbg"]["await"]["seconds"].update(loop_idle=credited, credited=credited)
        for line, share in zip(doc["files"]["/a.py"]["lines"], (first, second)):
            line.update(n_async_await_percent=share, n_async_concurrency_mean=1, n_async_concurrency_peak=1,
                        async_task_names=list(names))

    return change


def await_too_much(doc):
    for line in doc["files"]["/a.py"]["lines"]:
        line["n_async_await_percent"] = 50.1


LINE1, FUNCTION = ("files", "/a.py", "lines", 0), ("files", "/a.py", "functions", 0)
FRAME = ("combined_stacks", 0, 0, 0)
MUTATIONS = [
    (remove("files"), "files is missing"),
    (remove("stacks"), "stacks is missing"),
    (remove(*LINE1, "memory_samples"), "memory_samples is missing"),
    (remove(*LINE1, "end_region_line"), "end_region_line is missing"),
    (remove(*FRAME, "offset"), "offset is missing"),
    (remove("combined_stacks_timeline", 0, "count"), "count is missing"),
    (put("memory", 0), "not of type boolean"),
    (put("alloc_samples", 3.0), "not of type integer"),
    (put("alloc_samples", True), "not of type integer"),
    (put("elapsed_time_sec", "3"), "not of type number"),
    (put("elapsed_time_sec", -1), "below 0"),
    (put("program", None), "not of type string"),
    (put("gpu_device", "TPU"), "none of"),
    (put("args", "a.py"), "none of the allowed forms"),
    (put("max_footprint_lineno", 0), "none of the allowed forms"),
    (put("main_thread_id", 1.5), "none of the allowed forms"),
    (put("combined_stacks", 0, [[], 1, 2]), "not 2 or fewer"),
    (put("combined_stacks", 0, [[]]), "not 2 or more"),
    (put("combined_stacks", 0, 1, -1), "below 0"),
    (put("combined_stacks_timeline", 0, "count", 0), "not above 0"),
    (put(*LINE1, "lineno", 0), "not above 0"),
    (put(*LINE1, "n_cpu_percent_c", 100.00000001), "above 100"),
    (put(*LINE1, "n_core_utilization", 1.00000001), "above 1"),
    (put(*LINE1, "line", None), "not of type string"),
    (put(*FRAME, "display_name", None), "not of type string"),
    (put("files", "/a.py", "leaks", {"1": {"likelihood": 1}}), "velocity_mb_s is missing"),
    (put("growth_rate", float("nan")), "not JSON"),
    (put("growth_rate", "1e999"), "not of type number"),
    (put(*FUNCTION, "n_sys_percent", 51.5), "floor("),
    (put(*LINE1, "n_avg_mb", 1), "n_avg_mb <= n_peak_mb"),
    (put(*LINE1, "n_gpu_avg_memory_mb", 1), "n_gpu_avg_memory_mb <="),
    (put(*LINE1, "n_cpu_percent_python", 40.001), "sum over lines of the three"),
    (await_shares(60, 40), None),
    (await_shares(60, 39.9), "await time of all lines"),
    (await_shares(60, 40, 0), "credited to no line"),
    (await_shares(0, 0, 1), "credited to no line"),
    (await_shares(60, 40, names=()), "await time of nobody"),
    (put("scalene_dbg", "await", "seconds", "no_task", 1), "are not the"),
    (put("scalene_dbg", "await", "loop_idle_seen", True), "but no asyncio"),
    (await_too_much, "n_async_await_percent of lines"),
    (put(*LINE1, "n_growth_mb", 1), "n_growth_mb == n_peak_mb"),
    (put(*LINE1, "n_async_concurrency_mean", 1), "n_async_concurrency_mean <="),
    (put(*LINE1, "lineno", 3), "lines[i].lineno"),
    (put(*LINE1, "async_task_names", ["b", "a"]), "async_task_names sorted"),
    (put(*LINE1, "async_task_names", ["a", "a"]), "async_task_names sorted"),
    (put(*LINE1, "async_task_names", ["%03d" % i for i in range(101)]), "async_task_names sorted"),
    (put(*LINE1, "cpu_samples_list", [2, 1]), "cpu_samples_list sorted"),
    (put(*LINE1, "cpu_samples_list", list(range(501))), "cpu_samples_list sorted"),
    (put("combined_stacks", 1, 0, [sample_frame("f"), sample_frame("g", kind="native")]), "is 0 again"),
    (put("combined_stacks", 1, 0, [sample_frame("g", kind="native"), sample_frame("f")]), "after a native"),
    (put(*FRAME, "kind", "java"), "another kind"),
    (put("combined_stacks", [[[sample_frame("f", i)], 1] for i in range(10001)]), "10001 entries"),
    (put("combined_stacks_timeline", 0, "t_sec", 0.25), "starts at"),
    (put("combined_stacks_timeline", 2, "t_sec", 0.25), "goes back"),
    (put("combined_stacks_timeline", 1, "stack_index", 2), "stack_index 2 of 2"),
    (put("combined_stacks_timeline", 1, "stack_index", 0), "same as the run before"),
    (put("combined_stacks_timeline", [sample_run(i, i % 2) for i in range(100001)]), "100001 runs"),
    (put("combined_stacks_timeline", 0, "count", 9), "the timeline has"),
    (put("alloc_samples", 1), "memory false"),
    (put("samples", [[1, 2]]), "memory false"),
    (put(*LINE1, "n_malloc_mb", 1), "memory false"),
    (put(*LINE1, "end_region_line", 3), "end_region_line <= len(lines)"),
    (put("program", "</SCRIPT>"), "no raw '</script'"),
    (put("program", "<!-- x"), "no raw '</script'"),
    (put("program", "a < b"), "no raw <"),
    (put("program", "\ud800"), "lone surrogate"),
    (put(*LINE1, "line", "no line end"), "without its line end"),
]


def self_test(schema):
    failed = 0
    good = sample_document(schema)
    cases = [(lambda doc: None, None)] + MUTATIONS
    for number, (change, wanted) in enumerate(cases):
        doc = copy.deepcopy(good)
        change(doc)
        found = problems_of(json.dumps(doc), schema)
        if wanted is None and found or wanted is not None and not any(wanted in problem for problem in found):
            failed += 1
            print("self test %d: wanted %r, found %s" % (number, wanted, found[:3] or "nothing"))
    texts = {'{"a": 1, "a": 2}': "occurs twice", "[1,": "not JSON", "{}": "is missing",
             json.dumps(good).replace('"growth_rate": 0', '"growth_rate": 1e999'): "bounds are exact"}
    for text, wanted in texts.items():
        if not any(wanted in problem for problem in problems_of(text, schema)):
            failed += 1
            print("self test: %s not found" % wanted)
    for broken in ({"type": "object", "patternProperties": {}}, {"x-invariants": {"new": ["a rule"]}}):
        try:
            problems_of("{}", broken)
            failed += 1
            print("self test: an unknown rule was accepted: %s" % broken)
        except UnknownRule:
            pass
    total = len(cases) + len(texts) + 2
    print("%d passed, %d failed, 0 skipped" % (total - failed, failed))
    return 1 if failed else 0
