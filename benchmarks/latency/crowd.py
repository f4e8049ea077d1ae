# crowd.ts on asyncio: crowd.py <tasks> <µs of work> <seconds>
import asyncio
import json
import os
import sys
from time import perf_counter

tasks, work, seconds = int(sys.argv[1]), float(sys.argv[2]) / 1e6, float(sys.argv[3])
INTERVAL = 0.01


async def give_way_for_ever():
    while True:
        if work > 0:
            end = perf_counter() + work
            while perf_counter() < end:
                pass
        await asyncio.sleep(0)


async def echo(reader, writer):
    while data := await reader.read(1024):
        writer.write(data)
        await writer.drain()
    writer.close()


async def lateness():
    late = []
    now = perf_counter()
    end = now + seconds
    while now < end:
        due = now + INTERVAL
        await asyncio.sleep(INTERVAL)
        now = perf_counter()
        late.append((now - due) * 1e3)
    return late


async def main():
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    crowd = [asyncio.create_task(give_way_for_ever()) for _ in range(tasks)]
    print(server.sockets[0].getsockname()[1], flush=True)
    print(json.dumps(await lateness()), flush=True)
    os._exit(len(crowd) - tasks)


asyncio.run(main())
