# What runs in a context cannot enter it a second time: neither a task, nor a callback, nor from another context.
import asyncio
import contextvars

var = contextvars.ContextVar("var", default="unset")
context = contextvars.copy_context()
other = contextvars.copy_context()


def enter(who):
    try:
        context.run(print, who, "entered")
    except RuntimeError:
        print(who, "is inside already")


def handler(loop, report):
    print("handler", str(report["exception"]), var.get())


def fail():
    var.set("failed")
    raise ValueError("boom")


async def in_context():
    var.set("task")
    enter("task")
    other.run(enter, "from another context")
    await asyncio.sleep(0)
    print("still", var.get())


async def main():
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(handler)
    enter("main")
    await asyncio.create_task(in_context(), context=context)
    enter("main after the task")
    loop.call_soon(enter, "callback", context=context)
    loop.call_soon(fail, context=context)
    await asyncio.sleep(0)
    print("main", var.get(), "context", context[var])


asyncio.run(main())
