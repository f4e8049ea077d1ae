"""As measure.mjs, for a peer of Python: measure.py <asyncio|uvloop|trio> <list|full|small> <workloads.mjs, or some of it, as JSON>."""

import gc
import json
import platform
import re
import resource
import sys
import time

RUNS = 20
ENOUGH = 1.0

peer, order, *rest = sys.argv[1:]

if peer == "trio":
    import trio
    import trio_workloads as functions

    version = f"{trio.__version__} on Python {platform.python_version()}"
    start = trio.run
else:
    import asyncio
    import asyncio_workloads as functions

    version = f"of Python {platform.python_version()}"
    run = asyncio.run
    if peer == "uvloop":
        import uvloop

        version = f"{uvloop.__version__} on Python {platform.python_version()}"
        run = uvloop.run

    def start(function, *arguments):
        return run(function(*arguments))


def snake(name):
    return re.sub(r"[A-Z]", lambda letter: "_" + letter.group().lower(), name)


def thread_cpu():
    return time.thread_time_ns()


def memory():
    """The resident memory: what malloc keeps is in it."""
    gc.collect()
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def once(name, size, unit):
    function = getattr(functions, snake(name))
    if unit == "bytes":
        return {"thread": start(function, size, memory)}
    if unit == "ratio":
        return {"thread": start(function, size, thread_cpu)}
    before = thread_cpu(), time.process_time_ns()
    operations = start(function, size)
    thread, process = thread_cpu() - before[0], time.process_time_ns() - before[1]
    return {"thread": thread / operations, "process": process / operations}


def figures(name, size, unit):
    runs = []
    began = time.thread_time()
    while True:
        runs.append(once(name, size, unit))
        if order == "small" or unit == "bytes" or len(runs) == RUNS or time.thread_time() - began > ENOUGH:
            return runs


sys.setrecursionlimit(20_000)
workloads = json.loads(rest[0])
if order == "list":
    answer = {"version": version, "workloads": [name for name in workloads if hasattr(functions, snake(name))]}
else:
    scale = "small" if order == "small" else "size"
    answer = {name: figures(name, workload[scale], workload.get("unit")) for name, workload in workloads.items()}
print(json.dumps(answer))
