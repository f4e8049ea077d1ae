# A task that is cancelled in its last step ends as a future does that is cancelled: its message stays, also for gather.
import asyncio


async def in_its_last_step():
    asyncio.current_task().cancel("last step")
    return "dropped"


async def while_it_waits():
    await asyncio.sleep(5)


def text(e):
    return str(e) or "without a message"


async def main():
    at_end = asyncio.create_task(in_its_last_step())
    waiting = asyncio.create_task(while_it_waits())
    loop = asyncio.get_running_loop()
    loop.call_soon(waiting.cancel, "waiting")
    future = loop.create_future()
    loop.call_soon(future.cancel, "future")
    results = await asyncio.gather(at_end, waiting, future, return_exceptions=True)
    print(*map(text, results), sep=", ")
    for _ in range(2):
        try:
            await at_end
        except asyncio.CancelledError as e:
            print("read again:", text(e), int(at_end.cancelled()))


asyncio.run(main())
