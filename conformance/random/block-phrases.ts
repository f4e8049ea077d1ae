import type { Phrase } from "./phrases.ts";

/** A `try` with one handler; `caught` is TypeScript's test for passing on what Python would not catch. */
function attempt(except: string, caught: string): Phrase {
  return [
    `try:
    {body}
${except} as e:
    say("{label}", e)
    {handler}
    {then}`,
    `try {
  {body}
} catch (e) {
  ${caught === "" ? "" : `if (${caught}) throw e;\n  `}say("{label}", e);
  {handler}
  {then}
}`,
  ];
}

/** How a handler ends: with the error that it caught, with another one, or by going on. */
export const ENDINGS: Readonly<Record<string, Phrase>> = {
  raise: ["raise", "throw e;"],
  replace: ['raise Oops("{label}")', 'throw new Oops("{label}");'],
  "go on": "",
};

/** Statements with statements inside, and those that are no plain call. */
export const BLOCKS: Readonly<Record<string, Phrase>> = {
  await: ['say("{label}", await {of})', 'say("{label}", await {of});'],
  twice: [
    `again = {of}
say("{label}", await again)
say("{label}", await again)`,
    `{
  const again = {of};
  say("{label}", await again);
  say("{label}", await again);
}`,
  ],
  raise: ['raise Oops("{label}")', 'throw new Oops("{label}");'],
  return: ['say("{label}")\nreturn "{label}"', 'say("{label}");\nreturn "{label}";'],
  break: ["break", "break;"],
  yield: ["yield {item}", "yield {item};", "yield* give({item});"],
  for: [
    `for turn in range({n}):
    say("{label}", turn)
    {body}`,
    `for (let turn = 0; turn < {n}; turn++) {
  say("{label}", turn);
  {body}
}`,
  ],
  if: [
    `if {test}:
    say("{label}")
    {body}`,
    `if ({test}) {
  say("{label}");
  {body}
}`,
  ],
  have: [
    `if "{name}" in {table}:
    {body}`,
    `if ({table}.{name}) {
  {body}
}`,
  ],
  "try.cancelled": attempt("except asyncio.CancelledError", "!(e instanceof CancelledError)"),
  "try.errors": attempt("except Exception", "e instanceof CancelledError"),
  "try.timeout": attempt("except TimeoutError", "!(e instanceof TimeoutError)"),
  "try.oops": attempt("except Oops", "!(e instanceof Oops)"),
  "try.all": attempt("except BaseException", ""),
  "try.finally": [
    `try:
    {body}
finally:
    say("{label}")
    {handler}`,
    `try {
  {body}
} finally {
  say("{label}");
  {handler}
}`,
  ],
  "try.group": [
    `try:
    {body}
except* Oops as e:
    say("{label}", e)`,
    `try {
  {body}
} catch (e) {
  catchGroup(e, Oops, (e) => say("{label}", e));
}`,
  ],
  // Where nothing else releases it, leaving the block cannot fail, and `using` is the same as `async with`.
  "lock.using": held("lock"),
  "sem.using": held("sem"),
  "cond.using": held("cond"),
  "lock.with": released("lock"),
  "sem.with": released("sem"),
  "cond.with": released("cond"),
  "barrier.with": [
    `async with barrier as index:
    say("{label}", index)
    {body}`,
    `{
  const index = await barrier.wait();
  say("{label}", index);
  {body}
}`,
  ],
  timeout: limited("asyncio.timeout({delay})", "timeout({delay}"),
  "timeout.at": limited(
    "asyncio.timeout_at(asyncio.get_running_loop().time() + {delay})",
    "timeoutAt(getRunningLoop().time() + {delay}",
  ),
  group: [
    `async with asyncio.TaskGroup() as groups["{label}"]:
    {body}
say("{label}")`,
    `await taskGroup(async (group) => {
  groups.{label} = group;
  {body}
});
say("{label}");`,
  ],
  "completed.plain": [
    `for coming in asyncio.as_completed([{of}], timeout={delay}):
    say("{label}", await coming)
    {body}`,
    `for (const coming of asCompleted([{of}], { timeout: {delay} })) {
  say("{label}", await coming);
  {body}
}`,
  ],
  "completed.async": [
    `async for task in asyncio.as_completed([{of}], timeout={delay}):
    say("{label}", task)
    {body}`,
    `for await (const task of asCompleted([{of}], { timeout: {delay} })) {
  say("{label}", task);
  {body}
}`,
    `const {label} = asCompleted([{of}], { timeout: {delay} })[Symbol.asyncIterator]();
for (let step = yield {label}.next(); !step.done; step = yield {label}.next()) {
  say("{label}", step.value);
  {body}
}`,
  ],
  // A cleanup that waits can be cancelled, and then JavaScript keeps the error that was there first: closed by hand.
  "stream.hand": [
    `async with aclosing({fn}()) as items:
    async for item in items:
        say("{label}", item)
        if item == {last}: break
        {body}`,
    `{
  const items = {fn}();
  try {
    for (let step = await items.next(); !step.done; step = await items.next()) {
      say("{label}", step.value);
      if (step.value === {last}) break;
      {body}
    }
  } finally {
    await items.return();
  }
}`,
  ],
  stream: [
    `async with aclosing({fn}()) as items:
    async for item in items:
        say("{label}", item)
        if item == {last}: break
        {body}`,
    `for await (const item of {fn}()) {
  say("{label}", item);
  if (item === {last}) break;
  {body}
}`,
    `{
  const items = {fn}();
  try {
    for (let step = yield* items.next(); !step.done; step = yield* items.next()) {
      say("{label}", step.value);
      if (step.value === {last}) break;
      {body}
    }
  } finally {
    yield* items.return();
  }
}`,
  ],
  "stream.next": [
    'say("{label}", await anext(streams["{stream}"], "end"))',
    'say("{label}", (await streams.{stream}.next()).value ?? "end");',
    'say("{label}", (yield* streams.{stream}.next()).value ?? "end");',
  ],
  "stream.close": [
    `await streams["{stream}"].aclose()
say("{label}")`,
    `await streams.{stream}.return();
say("{label}");`,
  ],
  countdown: [
    `async for item in Countdown({n}):
    say("{label}", item)
    {body}`,
    `for await (const item of new Countdown({n})) {
  say("{label}", item);
  {body}
}`,
    `const {label} = new Countdown({n});
for (let step = yield* {label}.next(); !step.done; step = yield* {label}.next()) {
  say("{label}", step.value);
  {body}
}`,
  ],
};

function held(name: string): Phrase {
  return [
    `async with ${name}:
    say("{label}")
    {body}`,
    `{
  using guard = await ${name}.acquire();
  say("{label}");
  {body}
}`,
  ];
}

function released(name: string): Phrase {
  return [
    `async with ${name}:
    say("{label}")
    {body}`,
    `await ${name}.acquire();
try {
  say("{label}");
  {body}
} finally {
  ${name}.release();
}`,
  ];
}

function limited(python: string, typescript: string): Phrase {
  return [
    `async with ${python} as limits["{label}"]:
    {body}
say("{label}", limits["{label}"].expired())`,
    `await ${typescript}, async (limit) => {
  limits.{label} = limit;
  {body}
});
say("{label}", limits.{label}.expired());`,
  ];
}
