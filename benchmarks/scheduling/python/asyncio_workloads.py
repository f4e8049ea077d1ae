"""The workloads on asyncio; on uvloop too, which is another loop under the same program."""

import asyncio
import contextvars

from checks import check, check_fibonacci, check_results, longer


async def fibonacci(n):
    return n if n < 2 else await fibonacci(n - 1) + await fibonacci(n - 2)


async def call_chain(n):
    return check_fibonacci(await fibonacci(n), n)


async def trivial(n):
    return n


async def spawn_and_gather(jobs):
    return check_results(await asyncio.gather(*[trivial(n) for n in range(jobs)]), jobs)


if hasattr(asyncio, "eager_task_factory"):

    async def spawn_and_gather_eager(jobs):
        loop = asyncio.get_running_loop()
        loop.set_task_factory(asyncio.eager_task_factory)
        return check_results(await asyncio.gather(*[trivial(n) for n in range(jobs)]), jobs)


async def give_ways(times):
    count = 0

    async def job():
        nonlocal count
        for _ in range(times):
            await asyncio.sleep(0)
            count += 1

    await asyncio.gather(*[job() for _ in range(10)])
    check(count, 10 * times)
    return count


async def nested(depth, body):
    return await nested(depth - 1, body) if depth > 0 else await body()


async def deep_chain(depth):
    count = 0

    async def body():
        nonlocal count
        for _ in range(100):
            await asyncio.sleep(0)
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
            await asyncio.sleep(0)
        return clock() - before

    return await nested(depth, measure) / await nested(1, measure)


async def ping_pong(rounds):
    loop = asyncio.get_running_loop()
    balls = [loop.create_future(), loop.create_future()]

    async def player(i):
        for _ in range(rounds):
            ball = await balls[i]
            balls[i] = loop.create_future()
            balls[1 - i].set_result(ball + 1)
        return ball

    balls[0].set_result(1)
    _, count = await asyncio.gather(player(0), player(1))
    check(count, 2 * rounds)
    return count


async def bounded_queue(items):
    queue = asyncio.Queue(100)
    total = 0

    async def produce():
        for i in range(1, items + 1):
            await queue.put(i)

    async def consume():
        nonlocal total
        for _ in range(items):
            total += await queue.get()

    await asyncio.gather(produce(), consume())
    check(total, items * (items + 1) // 2)
    return items


async def free_lock(times):
    lock = asyncio.Lock()
    count = 0
    for _ in range(times):
        async with lock:
            count += 1
    check(count, times)
    return count


async def contended(lock, permits, times):
    inside = count = 0

    async def job():
        nonlocal inside, count
        for _ in range(times):
            async with lock:
                inside += 1
                assert inside <= permits
                await asyncio.sleep(0)
                count += 1
                inside -= 1

    await asyncio.gather(*[job() for _ in range(100)])
    check(count, 100 * times)
    return count


async def contended_lock(times):
    return await contended(asyncio.Lock(), 1, times)


async def contended_semaphore(times):
    return await contended(asyncio.Semaphore(10), 10, times)


async def timers(sleepers):
    count = 0

    async def job(i):
        nonlocal count
        await asyncio.sleep((1 + i % 20) / 1000)
        count += 1

    await asyncio.gather(*[job(i) for i in range(sleepers)])
    check(count, sleepers)
    return count


async def cancel_all(count, waiting):
    tasks = [asyncio.create_task(waiting()) for _ in range(count)]
    await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    check(sum(task.cancelled() for task in tasks), count)
    return count


async def cancellations(jobs):
    loop = asyncio.get_running_loop()

    async def waiting():
        await loop.create_future()

    return await cancel_all(jobs, waiting)


async def cancellations_with_finally(jobs):
    loop = asyncio.get_running_loop()
    left = 0

    async def waiting():
        nonlocal left
        try:
            await loop.create_future()
        finally:
            left += 1

    await cancel_all(jobs, waiting)
    check(left, jobs)
    return jobs


async def fan_out_over(jobs, job):
    results = [None] * jobs
    numbers = iter(range(jobs))

    async def worker():
        for n in numbers:
            results[n] = await job(n)

    await asyncio.gather(*[worker() for _ in range(50)])
    return check_results(results, jobs)


async def fan_out(jobs):
    return await fan_out_over(jobs, trivial)


async def fan_out_giving_way(jobs):
    async def job(n):
        await asyncio.sleep(0)
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
            await asyncio.sleep(0)
            if variable.get() == n + i:
                count += 1
            variable.reset(token)

    await asyncio.gather(*[job(n) for n in range(100)])
    check(count, 100 * times)
    return count


async def waiting_task_bytes(jobs, memory):
    loop = asyncio.get_running_loop()
    count = 0

    async def waiting(future):
        nonlocal count
        await future
        count += 1

    before = memory()
    futures = [loop.create_future() for _ in range(jobs)]
    tasks = [asyncio.create_task(waiting(future)) for future in futures]
    await asyncio.sleep(0)
    size = (memory() - before) / jobs
    check(count, 0)
    for future in futures:
        future.set_result(None)
    await asyncio.gather(*tasks)
    check(count, jobs)
    return size


async def sleeping_task_bytes(jobs, memory):
    count = 0

    async def sleeping():
        nonlocal count
        await asyncio.sleep(longer(jobs))
        count += 1

    before = memory()
    tasks = [asyncio.create_task(sleeping()) for _ in range(jobs)]
    await asyncio.sleep(0)
    size = (memory() - before) / jobs
    check(count, 0)
    await asyncio.gather(*tasks)
    check(count, jobs)
    return size
