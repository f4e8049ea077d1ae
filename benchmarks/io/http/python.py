"""A client of aiohttp or httpx: python3 python.py <library> <origin>; otherwise as client.mjs."""

import asyncio
import sys
import time

library, origin = sys.argv[1:]
url = f"{origin}/"


async def opened():
    if library == "aiohttp":
        import aiohttp

        session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=50))

        async def get():
            async with session.get(url) as response:
                return len(await response.read())

        return get
    import httpx

    client = httpx.AsyncClient(limits=httpx.Limits(max_connections=50, max_keepalive_connections=50))

    async def get():
        return len((await client.get(url)).content)

    return get


async def worker(get, requests):
    for _ in range(requests):
        length = await get()
        assert length == 1024, f"Cannot measure: {length} bytes came"


async def main():
    get = await opened()
    print("ready", flush=True)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        workers, requests = map(int, line.split())
        begun, cpu = time.perf_counter_ns(), time.thread_time_ns()
        await asyncio.gather(*(worker(get, requests) for _ in range(workers)))
        print(time.thread_time_ns() - cpu, time.perf_counter_ns() - begun, flush=True)


asyncio.run(main())
