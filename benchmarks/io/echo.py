# The echo server of asyncio, as server.mjs: echo.py <asyncio|uvloop>
import asyncio
import resource
import sys


async def echo(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


def tell_cpu():
    sys.stdin.readline()
    usage = resource.getrusage(resource.RUSAGE_SELF)
    print(round((usage.ru_utime + usage.ru_stime) * 1e6), flush=True)


async def main():
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    asyncio.get_running_loop().add_reader(sys.stdin, tell_cpu)
    await server.serve_forever()


if sys.argv[1] == "uvloop":
    try:
        from uvloop import run
    except ImportError:
        sys.exit()
else:
    from asyncio import run
run(main())
