import { type Socket, connect } from "node:net";
import { once } from "node:events";
import { afterEach, expect, test } from "vitest";
import { type Started, startProgram } from "../../../test/started-program.ts";

const main = new URL("../src/chat/main.ts", import.meta.url);
const open: (Started | Client)[] = [];

afterEach(() => {
  for (const one of open.splice(0)) one instanceof Client ? one.socket.destroy() : one.child.kill("SIGKILL");
});

/** A person at a terminal. */
class Client {
  readonly socket: Socket;
  text = "";

  constructor(port: number) {
    this.socket = connect(port, "127.0.0.1");
    this.socket.setEncoding("utf8").on("data", (text: string) => void (this.text += text));
    this.socket.on("error", () => {});
  }

  say(line: string): void {
    this.socket.write(`${line}\n`);
  }

  /** Waits until the text ends with this. */
  async hears(ending: string): Promise<void> {
    while (!this.text.endsWith(ending)) await once(this.socket, "data");
  }
}

async function openRoom() {
  const room = startProgram(main, ["0"]);
  open.push(room);
  const port = Number((await room.printed(/nc 127\.0\.0\.1 (\d+)/))[1]);
  const enter = async (name: string): Promise<Client> => {
    const client = new Client(port);
    open.push(client);
    await client.hears("your name? ");
    client.say(name);
    await client.hears("/quit ends\n");
    return client;
  };
  return { room, port, enter };
}

test("what one says the others hear, and who comes and goes", async () => {
  const { enter } = await openRoom();
  const ann = await enter("ann");
  const bob = await enter("bob");
  await ann.hears("* bob has come\n");
  bob.say("hello");
  await ann.hears("bob: hello\n");
  ann.say("/who");
  await ann.hears("* here: ann, bob\n");
  bob.say("/quit");
  await once(bob.socket, "close");
  await ann.hears("* bob has gone\n");
  expect(bob.text).not.toContain("hello");
});

test("a name is asked for again while it is taken or none", async () => {
  const { port, enter } = await openRoom();
  await enter("ann");
  const other = new Client(port);
  open.push(other);
  await other.hears("your name? ");
  other.say("ann");
  await other.hears("ann is taken; your name? ");
  other.say("no name");
  await other.hears("a name has 1 to 20 letters, digits, _ or -; your name? ");
  other.say("ben");
  await other.hears("* here: ann, ben; /who tells, /quit ends\n");
});

test("who hangs up, or talks in lines without an end, is gone; the others stay, and nothing is reported", async () => {
  const { room, enter } = await openRoom();
  const ann = await enter("ann");
  const rude = await enter("rude");
  rude.socket.resetAndDestroy();
  await ann.hears("* rude has gone\n");
  const endless = await enter("endless");
  endless.socket.write("x".repeat(20_000));
  await ann.hears("* endless has gone\n");
  ann.say("/who");
  await ann.hears("* here: ann\n");
  room.child.kill("SIGINT");
  expect((await room.ended).stderr).toBe("");
});

test("who does not read is sent away, and holds nobody up", async () => {
  const { enter } = await openRoom();
  const ann = await enter("ann");
  const deaf = await enter("deaf");
  deaf.socket.pause();
  const line = "x".repeat(4000);
  for (let i = 0; i < 3000 && !ann.text.includes("* deaf has gone"); i++) {
    ann.say(line);
    if (i % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await ann.hears("* deaf has gone\n");
}, 20_000);

test("Ctrl-C closes the room in order", async () => {
  const { room, enter } = await openRoom();
  const ann = await enter("ann");
  room.child.kill("SIGINT");
  await once(ann.socket, "close");
  expect(ann.text).toMatch(/\* the room closes\n$/);
  const { code, stdout, stderr } = await room.ended;
  expect([code, stdout.split("\n").at(-2), stderr]).toEqual([0, "the room is closed", ""]);
});
