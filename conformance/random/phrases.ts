/**
 * Every operation in both languages, side by side. `{x}` is a setting of the operation, `{of}` the awaitables that it is
 * about, `{test}` a condition; a line that is `{body}` alone stands for the statements inside. Where there is one text,
 * TypeScript's is Python's in camelCase. Where there is a third, the generator spelling does not follow from the second.
 */
export type Phrase = string | readonly [python: string, typescript: string, generators?: string];

/** What can be awaited. */
export const AWAITABLES: Readonly<Record<string, Phrase>> = {
  call: "{fn}()",
  created: ["asyncio.create_task({of})", "createTask({of})"],
  ensured: ["asyncio.ensure_future({of})", "ensureFuture({of})"],
  task: ['tasks["{task}"]', "tasks.{task}"],
  future: ['futures["{future}"]', "futures.{future}"],
  park: ["asyncio.get_running_loop().create_future()", "getRunningLoop().createFuture()"],
  sleep: ["asyncio.sleep({delay})", "sleep({delay})"],
  "sleep.result": ['asyncio.sleep({delay}, "{text}")', 'sleep({delay}, "{text}")'],
  gather: ["asyncio.gather({of})", "gather({of})"],
  "gather.keep": ["asyncio.gather({of}, return_exceptions=True)", "gather([{of}], { returnExceptions: true })"],
  "completed.all": ["asyncio.gather(*asyncio.as_completed([{of}]))", "gather(...asCompleted([{of}]))"],
  wait: ['asyncio.wait([{of}], return_when="{when}")', 'wait([{of}], { returnWhen: "{when}" })'],
  "wait.timeout": [
    'asyncio.wait([{of}], timeout={delay}, return_when="{when}")',
    'wait([{of}], { timeout: {delay}, returnWhen: "{when}" })',
  ],
  wait_for: ["asyncio.wait_for({of}, {delay})", "waitFor({of}, {delay})"],
  shield: ["asyncio.shield({of})", "shield({of})"],
  "event.wait": "event.wait()",
  "lock.acquire": "lock.acquire()",
  "sem.acquire": "sem.acquire()",
  "cond.acquire": "cond.acquire()",
  "cond.wait": "cond.wait()",
  "cond.wait_for": ["cond.wait_for(lambda: {test})", "cond.waitFor(() => {test})"],
  "barrier.wait": "barrier.wait()",
  "barrier.reset": "barrier.reset()",
  "barrier.abort": "barrier.abort()",
  "queue.get": "queue.get()",
  "queue.put": "queue.put({item})",
  "queue.join": "queue.join()",
};

/** What gives a value at once, which is said. */
export const VALUES: Readonly<Record<string, Phrase>> = {
  say: '"here"',
  "lock.locked": "lock.locked()",
  "sem.locked": "sem.locked()",
  "event.is_set": "event.is_set()",
  "cond.locked": "cond.locked()",
  "barrier.broken": "barrier.broken",
  "queue.get_nowait": "queue.get_nowait()",
  "queue.full": "queue.full()",
  "queue.empty": "queue.empty()",
  "future.done": ['futures["{future}"].done()', "futures.{future}.done()"],
  "future.cancel": ['futures["{future}"].cancel("{text}")', 'futures.{future}.cancel("{text}")'],
  "future.result": ['futures["{future}"].result()', "futures.{future}.result()"],
  "future.exception": ['futures["{future}"].exception()', "futures.{future}.exception()"],
  "task.done": ['tasks["{task}"].done()', "tasks.{task}.done()"],
  "task.cancelled": ['tasks["{task}"].cancelled()', "tasks.{task}.cancelled()"],
  "task.cancelling": ['tasks["{task}"].cancelling()', "tasks.{task}.cancelling()"],
  "task.cancel": ['tasks["{task}"].cancel()', "tasks.{task}.cancel()"],
  "task.cancel.text": ['tasks["{task}"].cancel("{text}")', 'tasks.{task}.cancel("{text}")'],
  "task.uncancel": ['tasks["{task}"].uncancel()', "tasks.{task}.uncancel()"],
  "task.result": ['tasks["{task}"].result()', "tasks.{task}.result()"],
  "task.exception": ['tasks["{task}"].exception()', "tasks.{task}.exception()"],
  "task.get_name": ['tasks["{task}"].get_name()', "tasks.{task}.getName()"],
  "self.cancel": ["asyncio.current_task().cancel()", "currentTask()!.cancel()"],
  "self.cancelling": ["asyncio.current_task().cancelling()", "currentTask()!.cancelling()"],
  "self.uncancel": ["asyncio.current_task().uncancel()", "currentTask()!.uncancel()"],
  all_tasks: ["len(asyncio.all_tasks())", "allTasks().size"],
  "handle.cancelled": ['handles["{handle}"].cancelled()', "handles.{handle}.cancelled()"],
  "limit.expired": ['limits["{limit}"].expired()', "limits.{limit}.expired()"],
  "limit.unlimited": ['limits["{limit}"].when() is None', "limits.{limit}.when() === null"],
  "note.get": "note.get()",
  "context.run": ['contexts["{context}"].run({fn})', "contexts.{context}.run({fn})"],
  end: ["list(tasks.values())", "Object.values(tasks)"],
};

const LOOP = ["asyncio.get_running_loop()", "getRunningLoop()"] as const;

/** What gives no value: a line says that it was done, where the operation has a label. */
export const DEEDS: Readonly<Record<string, Phrase>> = {
  "lock.release": "lock.release()",
  "sem.release": "sem.release()",
  "event.set": "event.set()",
  "event.clear": "event.clear()",
  "cond.release": "cond.release()",
  "cond.notify": "cond.notify({n})",
  "cond.notify_all": "cond.notify_all()",
  "queue.put_nowait": "queue.put_nowait({item})",
  "queue.task_done": "queue.task_done()",
  "queue.shutdown": "queue.shutdown()",
  "queue.shutdown.now": ["queue.shutdown(immediate=True)", "queue.shutdown(true)"],
  "future.keep": ['futures["{label}"] = {of}', "futures.{label} = {of}"],
  "future.set_result": ['futures["{future}"].set_result("{text}")', 'futures.{future}.setResult("{text}")'],
  "future.set_exception": [
    'futures["{future}"].set_exception(Oops("{text}"))',
    'futures.{future}.setException(new Oops("{text}"))',
  ],
  "future.add_done_callback": ['futures["{future}"].add_done_callback({fn})', "futures.{future}.addDoneCallback({fn})"],
  "future.add_done_callback.in": [
    'futures["{future}"].add_done_callback({fn}, context=contexts["{context}"])',
    "futures.{future}.addDoneCallback({fn}, { context: contexts.{context} })",
  ],
  "future.remove_done_callback": [
    'futures["{future}"].remove_done_callback({fn})',
    "futures.{future}.removeDoneCallback({fn})",
  ],
  "task.add_done_callback.in": [
    'tasks["{task}"].add_done_callback({fn}, context=contexts["{context}"])',
    "tasks.{task}.addDoneCallback({fn}, { context: contexts.{context} })",
  ],
  "task.remove_done_callback": ['tasks["{task}"].remove_done_callback({fn})', "tasks.{task}.removeDoneCallback({fn})"],
  "task.add_done_callback": ['tasks["{task}"].add_done_callback({fn})', "tasks.{task}.addDoneCallback({fn})"],
  spawn: [
    'tasks["{task}"] = asyncio.create_task({of}, name="{task}")',
    'tasks.{task} = createTask({of}, { name: "{task}" })',
  ],
  "spawn.in": [
    'tasks["{task}"] = asyncio.create_task({of}, name="{task}", context=contexts["{context}"])',
    'tasks.{task} = createTask({of}, { name: "{task}", context: contexts.{context} })',
  ],
  "group.spawn": [
    'tasks["{task}"] = groups["{group}"].create_task({of}, name="{task}")',
    'tasks.{task} = groups.{group}.createTask({of}, { name: "{task}" })',
  ],
  "call.soon": [`handles["{label}"] = ${LOOP[0]}.call_soon({fn})`, `handles.{label} = ${LOOP[1]}.callSoon({fn})`],
  "call.soon.in": [
    `handles["{label}"] = ${LOOP[0]}.call_soon({fn}, context=contexts["{context}"])`,
    `handles.{label} = ${LOOP[1]}.callSoonIn(contexts.{context}, {fn})`,
  ],
  "call.later": [
    `handles["{label}"] = ${LOOP[0]}.call_later({delay}, {fn})`,
    `handles.{label} = ${LOOP[1]}.callLater({delay}, {fn})`,
  ],
  "call.at": [
    `handles["{label}"] = ${LOOP[0]}.call_at(${LOOP[0]}.time() + {delay}, {fn})`,
    `handles.{label} = ${LOOP[1]}.callAt(${LOOP[1]}.time() + {delay}, {fn})`,
  ],
  "handle.cancel": ['handles["{handle}"].cancel()', "handles.{handle}.cancel()"],
  "limit.reschedule": [
    `limits["{limit}"].reschedule(${LOOP[0]}.time() + {delay})`,
    `limits.{limit}.reschedule(${LOOP[1]}.time() + {delay})`,
  ],
  "limit.lift": ['limits["{limit}"].reschedule(None)', "limits.{limit}.reschedule(null)"],
  "context.copy": ['contexts["{label}"] = contextvars.copy_context()', "contexts.{label} = copyContext()"],
  "note.set": 'note.set("{text}")',
  "note.set.token": ['{label} = note.set("{label}")', 'const {label} = note.set("{label}")'],
  "note.reset": "note.reset({token})",
  "stream.open": ['streams["{label}"] = {fn}()', "streams.{label} = {fn}()"],
  handler: [`${LOOP[0]}.set_exception_handler(heard)`, `${LOOP[1]}.setExceptionHandler(heard)`],
  main: ['tasks["main"] = asyncio.current_task()', "tasks.main = currentTask()!"],
  "future.new": [`futures["{future}"] = ${LOOP[0]}.create_future()`, `futures.{future} = ${LOOP[1]}.createFuture()`],
  eager: [`${LOOP[0]}.set_task_factory(asyncio.eager_task_factory)`, `${LOOP[1]}.setTaskFactory(eagerTaskFactory)`],
};
