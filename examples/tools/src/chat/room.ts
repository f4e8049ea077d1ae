import { Queue, type Task } from "tsyncio";

/** Lines that wait for a member to read them; who has more waiting is too slow for this room. */
const MOST_WAITING = 100;
const NAME = /^[\p{L}\p{N}_-]{1,20}$/u;

/** Somebody in the room. What is said waits in the outbox until it has been sent. */
export interface Member {
  readonly name: string;
  readonly outbox: Queue<string>;
  /** Serves the member: cancelling it ends the connection. */
  readonly session: Task;
}

/** Who is there, and what they hear. Nobody waits for anybody: a slow reader holds up only itself. */
export class Room {
  readonly #members: Map<string, Member> = new Map();

  get names(): readonly string[] {
    return [...this.#members.keys()];
  }

  /** Why nobody can be called so, or null. */
  refusal(name: string): string | null {
    if (!NAME.test(name)) return "a name has 1 to 20 letters, digits, _ or -";
    return this.#members.has(name) ? `${name} is taken` : null;
  }

  join(name: string, session: Task): Member {
    const member = { name, session, outbox: new Queue<string>(MOST_WAITING) };
    this.say(`* ${name} has come`);
    this.#members.set(name, member);
    return member;
  }

  leave(member: Member): void {
    if (!this.#members.delete(member.name)) return;
    member.outbox.shutdown(true);
    this.say(`* ${member.name} has gone`);
  }

  /** Everybody hears it, but for `except`. */
  say(line: string, except?: Member): void {
    for (const member of this.#members.values()) {
      if (member === except) continue;
      if (member.outbox.full()) member.session.cancel("too slow");
      else member.outbox.putNowait(`${line}\n`);
    }
  }

  /** Tells everybody that it is over, and ends every connection once that is sent. */
  close(): void {
    this.say("* the room closes");
    for (const { outbox } of this.#members.values()) outbox.shutdown();
  }
}
