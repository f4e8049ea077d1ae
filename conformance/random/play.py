"""Plays programs on CPython's asyncio in virtual time: a JSON list of texts a line in, a JSON list of traces a line out.

A trace is what the program prints, each line with the time in milliseconds and the number of iterations since it came.
What CPython leaves open is settled as tsyncio does: sets keep the order of insertion, equal deadlines that of the calls.
"""
import asyncio
import contextlib
import contextvars
import gc
import itertools
import json
import sys
import warnings
import weakref

MOST_ITERATIONS = 2000
MOST_TICKS = 40


class Stopped(BaseException):
    """The program cannot go on, or does not come to its end."""


class Ordered(set):
    def __init__(self, items=()):
        super().__init__()
        self.items = {}
        for item in items:
            self.add(item)

    def add(self, item):
        super().add(item)
        self.items[item] = None

    def discard(self, item):
        super().discard(item)
        self.items.pop(item, None)

    remove = discard

    def clear(self):
        super().clear()
        self.items.clear()

    def __iter__(self):
        return iter(list(self.items))


class Completions(asyncio.tasks._AsCompletedIterator):
    def __init__(self, aws, timeout):
        self._done = asyncio.Queue()
        self._timeout_handle = None
        loop = asyncio.get_running_loop()
        self._todo = Ordered(asyncio.ensure_future(aw, loop=loop) for aw in Ordered(aws))
        self._todo_left = len(self._todo)
        for future in self._todo:
            future.add_done_callback(self._handle_completion)
        if self._todo and timeout is not None:
            self._timeout_handle = loop.call_later(timeout, self._handle_timeout)


class VirtualLoop(asyncio.BaseEventLoop):
    def __init__(self):
        super().__init__()
        self._selector = self
        self._clock_resolution = 1e-7
        self.now = 0.0
        self.iterations = 0
        self.ticks = 0
        self.lost = []
        self.made = []
        self.order = itertools.count()

    def time(self):
        return self.now

    def call_at(self, when, callback, *args, context=None):
        return super().call_at(round(when, 6) + next(self.order) * 1e-12, callback, *args, context=context)

    def select(self, timeout):
        if timeout is None:
            raise Stopped("deadlock")
        later = round(self.now + timeout, 6)
        if later > self.now:
            self.now = later
            self.begin_ticks()
        return ()

    def begin_ticks(self):
        """From here on iterations are counted, by a callback in each: empty ones are nobody's business."""
        self.ticks = 0
        self.call_soon(self.tick)

    def tick(self):
        self.ticks += 1
        if self.ticks < MOST_TICKS:
            self.call_soon(self.tick)

    def _process_events(self, events):
        pass

    def _write_to_self(self):
        pass

    def _run_once(self):
        self.iterations += 1
        if self.iterations % MOST_ITERATIONS == 0:
            raise Stopped("endless")
        super()._run_once()

    def create_task(self, coro, **options):
        place = len(self.made)
        self.made.append(None)
        task = super().create_task(coro, **options)
        self.made[place] = weakref.ref(task)
        return task

    def call_exception_handler(self, context):
        if "never retrieved" in context["message"]:
            error = context["exception"]
            name = "RuntimeError" if isinstance(error, ValueError) else type(error).__name__
            self.lost.append(f"lost {error if name == 'Oops' else name}")
        elif "was destroyed" not in context["message"]:
            super().call_exception_handler(context)


def all_tasks(loop=None, unordered=asyncio.all_tasks):
    loop = loop or asyncio.get_running_loop()
    there = unordered(loop)
    made = [ref() for ref in loop.made if ref]
    return Ordered([*(task for task in made if task in there), *there])


def play(text):
    loop = VirtualLoop()
    lines = []

    def tell(*words):
        if loop is not None:
            lines.append(f"{round(loop.now * 1000)}.{loop.ticks} {' '.join(map(str, words))}")

    space = {"print": tell, "asyncio": asyncio, "contextvars": contextvars, "aclosing": contextlib.aclosing}
    exec(text, space)
    runner = asyncio.Runner(loop_factory=lambda: loop)
    for what, step in (("main", lambda: runner.run(space["main"]())), ("close", runner.close)):
        loop.begin_ticks()
        try:
            step()
            lines.append(f"{what} ended")
        except BaseException as error:
            lines.append(f"{what} {error if isinstance(error, Stopped) else type(error).__name__}")
            error.__traceback__ = None
    lost, loop = loop.lost, None
    space.clear()
    del runner, step
    gc.collect()
    return lines + sorted(lost) if lines[-1] == "close ended" else lines


def main():
    warnings.simplefilter("ignore")
    sys.unraisablehook = lambda _: None
    asyncio.tasks.set = asyncio.taskgroups.set = Ordered
    asyncio.tasks._AsCompletedIterator = Completions
    asyncio.tasks.all_tasks = asyncio.all_tasks = all_tasks
    gc.disable()
    gc.collect()
    gc.freeze()
    for request in sys.stdin:
        print(json.dumps([play(text) for text in json.loads(request)]), flush=True)


main()
