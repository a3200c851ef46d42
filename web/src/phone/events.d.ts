/** As much of the `events` package as the SIP library's own types lean on. */
declare module "events" {
  export class EventEmitter {
    on(type: string, listener: (...given: never[]) => void): this;
    removeAllListeners(type?: string): this;
  }
}
