# A second cancellation comes when a gather has already been cancelled and its task not been told: the first message stays.
import asyncio


async def waiter(name, aw):
    try:
        await aw
    except asyncio.CancelledError as e:
        print(name, "cancelled", str(e) or "without a message", asyncio.current_task().cancelling())


async def twice(name, task, first, second):
    await asyncio.sleep(0)
    task.cancel(*first)
    # The inner task ends now, the gather in the next iteration, the waiter after it.
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    print(name, "again", int(task.cancel(*second)))
    await task


async def main():
    for name, first, second in (("a", (), ("late",)), ("b", ("early",), ("late",)), ("c", ("early",), ())):
        task = asyncio.create_task(waiter(name, asyncio.gather(asyncio.sleep(5))))
        await twice(name, task, first, second)
    for name, first, second in (("d", (), ("late",)), ("e", ("early",), ("late",))):
        inner = asyncio.create_task(asyncio.sleep(5))
        task = asyncio.create_task(waiter(name, inner))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        inner.cancel(*first)
        await asyncio.sleep(0)
        print(name, "again", int(task.cancel(*second)))
        await task


asyncio.run(main())
