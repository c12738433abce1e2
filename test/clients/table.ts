// What each client did at each virtual server, as a Markdown table.
import type { Client } from "./client.ts";

export class Table {
  readonly #clients: readonly Client[];
  readonly #columns: readonly string[];
  readonly #cells = new Map<string, string>();

  constructor(clients: readonly Client[], columns: readonly string[]) {
    this.#clients = clients;
    this.#columns = columns;
  }

  enter(client: Client, column: string, did: Iterable<string>): void {
    this.#cells.set(`${client.name}\n${column}`, [...did].join(", "));
  }

  /** A row for each client; a cell that was not entered failed. */
  text(): string {
    const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
    const rows = this.#clients.map(({ name, revision }) => {
      const cells = this.#columns.map((column) => this.#cells.get(`${name}\n${column}`) ?? "FAILED");
      return row([name, revision, ...cells]);
    });
    const head = ["Client", "revision", ...this.#columns];
    return [row(head), row(head.map(() => "---")), ...rows].join("\n");
  }
}
