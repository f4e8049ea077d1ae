import { inspect } from "node:util";
import type { EventLoop, Runner, Task } from "tsyncio";
import { hasColors, colorsFor } from "../errors/colors.ts";
import { coroutineChain } from "../errors/coroutine-chain.ts";
import { showError } from "../errors/show-error.ts";
import type { StackFrame } from "../errors/stack.ts";
import type { Runtime } from "../runtime.ts";
import { type CompiledInput, compileInput } from "./compiled-input.ts";
import type { ParsedInput } from "./parse-input.ts";
import { Scope } from "./scope.ts";

/** How long tasks may clean up before the user is told what takes so long, in milliseconds. */
const PATIENCE = 1000;

type InputResult = { readonly value: unknown } | undefined;

/** An event loop that stays alive between inputs, and the inputs run on it so far. */
export class Session {
  readonly scope: Scope;
  readonly #runtime: Runtime;
  readonly #runner: Runner;
  readonly #loop: EventLoop;
  /** The loop runs until it is stopped, or until it is stranded: nothing left could ever wake it. */
  #forever!: Promise<void>;
  /** Shared by all inputs: a context variable set in one is set in the next. */
  readonly #context: ReturnType<Runtime["tsyncio"]["copyContext"]>;
  readonly #inputs = new Map<string, CompiledInput>();
  #running: Task<InputResult> | undefined;
  #interrupts = 0;
  /** Gives the prompt back although the input goes on. */
  #leave: (() => void) | undefined;
  /** Gives the prompt back with the error that the loop ended with. */
  #strand: ((error: unknown) => void) | undefined;

  constructor(runtime: Runtime) {
    const { tsyncio } = runtime;
    this.#runtime = runtime;
    this.scope = new Scope(tsyncio);
    this.#context = tsyncio.copyContext();
    this.#runner = new tsyncio.Runner({ handleSignals: false });
    this.#loop = this.#runner.getLoop();
    this.#loop.setExceptionHandler((_, { message, exception }) => {
      console.error(exception === undefined ? message : `${message}\n${this.#show(exception)}`);
    });
    this.#start();
  }

  #start(): void {
    this.#forever = this.#loop.runForever().catch((error: unknown) => {
      this.#start();
      this.#strand?.(error);
    });
  }

  /** Runs an input to its end and prints its value, or its error. */
  async run(input: ParsedInput): Promise<void> {
    const name = `REPL${this.#inputs.size + 1}`;
    try {
      const compiled = compileInput(input, name, this.scope);
      this.#inputs.set(name, compiled);
      this.#interrupts = 0;
      this.#running = this.#loop.createTask(compiled.start(), { context: this.#context, name });
      const result = await this.#wait(this.#running);
      if (result !== undefined) this.#print(result.value);
    } catch (error) {
      const { CancelledError } = this.#runtime.tsyncio;
      if (this.#interrupts > 0 && error instanceof CancelledError) console.error("KeyboardInterrupt");
      else this.report(error);
    } finally {
      this.#running = this.#leave = this.#strand = undefined;
    }
  }

  /** Waits for the task of an input, unless the user wants the prompt back or nothing could ever finish it. */
  async #wait(task: Task<InputResult>): Promise<InputResult> {
    return new Promise((resolve, reject) => {
      this.#leave = () => {
        console.error(`Task "${task.getName()}" goes on behind the prompt: it did not end when it was cancelled`);
        resolve(undefined);
      };
      this.#strand = (error) => {
        // Nobody waits for its CancelledError.
        if (task.cancel()) task.then(undefined, () => {});
        reject(error);
      };
      task.then(resolve, reject);
    });
  }

  /** Whether the prompt waits for an input. */
  get isBusy(): boolean {
    return this.#running !== undefined;
  }

  /** Ctrl-C: cancels what the prompt waits for, and nothing else; the second one brings the prompt back even so. */
  interrupt(): void {
    if (this.#interrupts++ === 0) this.#running?.cancel();
    else this.#leave?.();
  }

  /** Shows an error shortly: without source, as the input is on the screen. */
  report(error: unknown): void {
    console.error(this.#show(error));
  }

  /** Cancels the tasks left, waits until they have cleaned up, reports the errors that nobody has read, and closes the loop. */
  async close(): Promise<void> {
    this.#loop.stop();
    await this.#forever;
    const patience = setTimeout(() => {
      const { size } = this.#runtime.tsyncio.allTasks(this.#loop);
      console.error(`Waiting for ${size} ${size === 1 ? "task" : "tasks"} to clean up; Ctrl-C leaves at once`);
    }, PATIENCE);
    await this.#runner.close();
    clearTimeout(patience);
  }

  #print(value: unknown): void {
    if (value === undefined) return;
    this.scope.remember(value);
    console.log(inspect(value, { colors: hasColors(process.stdout), showProxy: true }));
  }

  #show(error: unknown): string {
    const { tsyncio, folders } = this.#runtime;
    const chain = coroutineChain(tsyncio.coroutineTrace, folders);
    return showError(error, {
      colors: colorsFor(process.stderr),
      hidden: folders,
      // The task of an input is the prompt's own affair.
      chain: (...args) =>
        chain(...args).map((link) => (this.#inputs.has(link.task ?? "") ? { ...link, task: undefined } : link)),
      frames: false,
      mapFrame: (frame) => this.#mapFrame(frame),
    });
  }

  #mapFrame(frame: StackFrame): StackFrame {
    return this.#inputs.get(frame.file)?.mapFrame(frame) ?? frame;
  }
}
