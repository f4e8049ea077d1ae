import { FED_DIRECTLY, Protocol, type SubprocessProtocol } from "../transport/protocol.ts";

/** Whose pipe it is. */
interface PipeOwner {
  getProtocol(): SubprocessProtocol;
  pipeLost(fd: number, error: unknown): void;
}

/** The protocol of one pipe of a child: tells that of the child. */
export class PipeProtocol extends Protocol {
  /** @internal */ override readonly [FED_DIRECTLY]: boolean;
  readonly #owner: PipeOwner;
  readonly #fd: number;

  constructor(owner: PipeOwner, fd: number) {
    super();
    this[FED_DIRECTLY] = owner.getProtocol()[FED_DIRECTLY] === true;
    this.#owner = owner;
    this.#fd = fd;
  }

  override dataReceived(data: Uint8Array): void {
    this.#owner.getProtocol().pipeDataReceived(this.#fd, data);
  }

  override pauseWriting(): void {
    this.#owner.getProtocol().pauseWriting();
  }

  override resumeWriting(): void {
    this.#owner.getProtocol().resumeWriting();
  }

  override connectionLost(error: unknown): void {
    this.#owner.pipeLost(this.#fd, error);
  }
}
