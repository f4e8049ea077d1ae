# Echo servers of Python, as server.mjs: echo.py <asyncio|uvloop|trio> <streams|protocols>
import asyncio
import sys
import time


async def echo(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(data)


def tell_cpu():
    sys.stdin.readline()
    print(time.thread_time_ns(), flush=True)


async def serve(kind):
    loop = asyncio.get_running_loop()
    if kind == "streams":
        server = await asyncio.start_server(echo, "127.0.0.1", 0)
    else:
        server = await loop.create_server(Echo, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    loop.add_reader(sys.stdin, tell_cpu)
    await server.serve_forever()


def serve_trio():
    import trio

    async def echo_stream(stream):
        async for data in stream:
            await stream.send_all(data)

    async def tell():
        while True:
            await trio.lowlevel.wait_readable(sys.stdin)
            tell_cpu()

    async def main():
        async with trio.open_nursery() as nursery:
            [listener] = await trio.open_tcp_listeners(0, host="127.0.0.1")
            nursery.start_soon(trio.serve_listeners, echo_stream, [listener])
            print(listener.socket.getsockname()[1], flush=True)
            nursery.start_soon(tell)

    trio.run(main)


library, kind = sys.argv[1:]
try:
    if library == "trio":
        serve_trio()
    elif library == "uvloop":
        import uvloop

        uvloop.run(serve(kind))
    else:
        asyncio.run(serve(kind))
except ImportError:
    sys.exit("not installed")
