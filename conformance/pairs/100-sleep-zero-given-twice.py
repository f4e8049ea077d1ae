# Two calls of sleep(0) are two awaitables, wherever they are given: found by a random program.
import asyncio


async def main():
    async for task in asyncio.as_completed([asyncio.sleep(0), asyncio.sleep(0)]):
        print("completed", int(task.done()), len(asyncio.all_tasks()))
    for coming in asyncio.as_completed([asyncio.sleep(0), asyncio.sleep(0), asyncio.sleep(0)]):
        print("coming", int(await coming is None))
    both = asyncio.gather(asyncio.sleep(0), asyncio.sleep(0))
    print("tasks", len(asyncio.all_tasks()))
    print("results", len(await both))


asyncio.run(main())
