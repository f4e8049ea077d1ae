"""The workloads on trio. Its tasks give no results and begin in any order: what they give goes into a list."""

import contextvars

import trio
import trio.testing

from checks import check, check_fibonacci, check_results, longer


async def run_all(job, *arguments):
    async with trio.open_nursery() as nursery:
        for argument in arguments:
            nursery.start_soon(job, argument)


async def fibonacci(n):
    return n if n < 2 else await fibonacci(n - 1) + await fibonacci(n - 2)


async def call_chain(n):
    return check_fibonacci(await fibonacci(n), n)


async def spawn_and_gather(jobs):
    results = [None] * jobs

    async def trivial(n):
        results[n] = n

    await run_all(trivial, *range(jobs))
    return check_results(results, jobs)


async def give_ways(times):
    count = 0

    async def job(_):
        nonlocal count
        for _ in range(times):
            await trio.lowlevel.checkpoint()
            count += 1

    await run_all(job, *range(10))
    check(count, 10 * times)
    return count


async def nested(depth, body):
    return await nested(depth - 1, body) if depth > 0 else await body()


async def deep_chain(depth):
    count = 0

    async def body():
        nonlocal count
        for _ in range(100):
            await trio.lowlevel.checkpoint()
            count += 1

    for _ in range(20):
        await nested(depth, body)
    check(count, 2_000)
    return count


async def resume_cost(depth, clock):
    times = 2_000

    async def measure():
        before = clock()
        for _ in range(times):
            await trio.lowlevel.checkpoint()
        return clock() - before

    return await nested(depth, measure) / await nested(1, measure)


async def ping_pong(rounds):
    events = [trio.Event(), trio.Event()]
    balls = [1, 0]

    async def player(i):
        for _ in range(rounds):
            await events[i].wait()
            events[i] = trio.Event()
            balls[1 - i] = balls[i] + 1
            events[1 - i].set()

    events[0].set()
    await run_all(player, 0, 1)
    check(balls[1], 2 * rounds)
    return 2 * rounds


async def bounded_queue(items):
    sender, receiver = trio.open_memory_channel(100)
    total = 0

    async def produce():
        async with sender:
            for i in range(1, items + 1):
                await sender.send(i)

    async def consume():
        nonlocal total
        async for item in receiver:
            total += item

    async with trio.open_nursery() as nursery:
        nursery.start_soon(produce)
        nursery.start_soon(consume)
    check(total, items * (items + 1) // 2)
    return items


async def free_lock(times):
    lock = trio.Lock()
    count = 0
    for _ in range(times):
        async with lock:
            count += 1
    check(count, times)
    return count


async def contended(lock, permits, times):
    inside = count = 0

    async def job(_):
        nonlocal inside, count
        for _ in range(times):
            async with lock:
                inside += 1
                assert inside <= permits
                await trio.lowlevel.checkpoint()
                count += 1
                inside -= 1

    await run_all(job, *range(100))
    check(count, 100 * times)
    return count


async def contended_lock(times):
    return await contended(trio.Lock(), 1, times)


async def contended_semaphore(times):
    return await contended(trio.Semaphore(10), 10, times)


async def timers(sleepers):
    count = 0

    async def job(i):
        nonlocal count
        await trio.sleep((1 + i % 20) / 1000)
        count += 1

    await run_all(job, *range(sleepers))
    check(count, sleepers)
    return count


async def cancel_all(count, waiting):
    scopes = [trio.CancelScope() for _ in range(count)]

    async def job(scope):
        with scope:
            await waiting()

    async with trio.open_nursery() as nursery:
        for scope in scopes:
            nursery.start_soon(job, scope)
        await trio.testing.wait_all_tasks_blocked()
        for scope in scopes:
            scope.cancel()
    check(sum(scope.cancelled_caught for scope in scopes), count)
    return count


async def cancellations(jobs):
    return await cancel_all(jobs, trio.sleep_forever)


async def cancellations_with_finally(jobs):
    left = 0

    async def waiting():
        nonlocal left
        try:
            await trio.sleep_forever()
        finally:
            left += 1

    await cancel_all(jobs, waiting)
    check(left, jobs)
    return jobs


async def fan_out_over(jobs, job):
    results = [None] * jobs
    numbers = iter(range(jobs))

    async def worker(_):
        for n in numbers:
            results[n] = await job(n)

    await run_all(worker, *range(50))
    return check_results(results, jobs)


async def fan_out(jobs):
    async def job(n):
        return n

    return await fan_out_over(jobs, job)


async def fan_out_giving_way(jobs):
    async def job(n):
        await trio.lowlevel.checkpoint()
        return n

    return await fan_out_over(jobs, job)


async def numbers(end):
    for n in range(end):
        yield n


async def doubled(source):
    async for n in source:
        yield n * 2


async def multiples_of_4(source):
    async for n in source:
        if n % 4 == 0:
            yield n


async def generator_pipeline(items):
    count = 0
    async for n in multiples_of_4(doubled(numbers(items))):
        if n % 4 == 0:
            count += 1
    check(count, items // 2)
    return items


variable = contextvars.ContextVar("step")


async def context_variables(times):
    count = 0

    async def job(n):
        nonlocal count
        for i in range(times):
            token = variable.set(n + i)
            await trio.lowlevel.checkpoint()
            if variable.get() == n + i:
                count += 1
            variable.reset(token)

    await run_all(job, *range(100))
    check(count, 100 * times)
    return count


async def task_bytes(jobs, memory, wait, wake):
    count = 0

    async def job(i):
        nonlocal count
        await wait(i)
        count += 1

    before = memory()
    async with trio.open_nursery() as nursery:
        for i in range(jobs):
            nursery.start_soon(job, i)
        await trio.testing.wait_all_tasks_blocked()
        size = (memory() - before) / jobs
        check(count, 0)
        wake()
    check(count, jobs)
    return size


async def waiting_task_bytes(jobs, memory):
    events = [trio.Event() for _ in range(jobs)]

    async def wait(i):
        await events[i].wait()

    def wake():
        for event in events:
            event.set()

    return await task_bytes(jobs, memory, wait, wake)


async def sleeping_task_bytes(jobs, memory):
    async def wait(_):
        await trio.sleep(longer(jobs))

    return await task_bytes(jobs, memory, wait, lambda: None)
