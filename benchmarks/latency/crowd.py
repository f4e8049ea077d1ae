# crowd.ts on asyncio: crowd.py <tasks> <µs of work>
import asyncio
import json
import os
import sys
from time import perf_counter

tasks, work = int(sys.argv[1]), float(sys.argv[2]) / 1e6
INTERVAL = 0.01
client_is_there = True


async def give_way_for_ever():
    while True:
        if work > 0:
            end = perf_counter() + work
            while perf_counter() < end:
                pass
        await asyncio.sleep(0)


async def echo(reader, writer):
    global client_is_there
    while data := await reader.read(1024):
        writer.write(data)
        await writer.drain()
    writer.close()
    client_is_there = False


async def lateness():
    late = []
    while client_is_there:
        due = perf_counter() + INTERVAL
        await asyncio.sleep(INTERVAL)
        late.append((perf_counter() - due) * 1e3)
    return late


async def main():
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    crowd = [asyncio.create_task(give_way_for_ever()) for _ in range(tasks)]
    print(server.sockets[0].getsockname()[1], flush=True)
    print(json.dumps(await lateness()), flush=True)
    os._exit(len(crowd) - tasks)


asyncio.run(main())
