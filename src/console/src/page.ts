// What the server tells this page in <script id="page" type="application/json">.

export interface ResourceName {
  readonly name: string;
  /** The segment of its collection: `stock-items`. */
  readonly path: string;
  readonly singular: string;
  /** The member of a row that has its key. */
  readonly key: string;
  readonly clientKeyed: boolean;
  readonly versionsRequired: boolean;
  /** Members that the server sets; a document may have them, but no form does. */
  readonly readOnly: readonly string[];
  readonly about: string;
}

export interface About {
  readonly title: string;
  /** What the application stands under; empty or `/v1`. */
  readonly prefix: string;
  /** The path of the REST door below the prefix. */
  readonly api: string;
  /** These have the prefix. */
  readonly graphql: string;
  readonly openapi: string;
  readonly explain: string;
  /** Whether requests need a credential. */
  readonly asksWho: boolean;
  readonly resources: readonly ResourceName[];
}

export function readPage(): About {
  return JSON.parse(document.getElementById('page')?.textContent ?? '') as About;
}
