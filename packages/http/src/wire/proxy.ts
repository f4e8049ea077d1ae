/** Where to go through a proxy: never, always, or as the environment says. */
export type ProxyChoice = (url: URL) => URL | null;

const DIRECT: ProxyChoice = () => null;

/**
 * @param proxy the URL of a proxy; `"environment"`: what `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` say, in capitals
 *   or not; null: none.
 * @throws {TypeError} for what is no URL. @throws {RangeError} for a proxy that does not speak HTTP.
 */
export function proxyChoice(proxy: string | URL | null, environment: NodeJS.ProcessEnv = process.env): ProxyChoice {
  if (proxy === null) return DIRECT;
  if (proxy !== "environment") {
    const url = proxyUrl(proxy, "proxy");
    return () => url;
  }
  const read = (name: string): string | undefined => environment[name.toLowerCase()] || environment[name] || undefined;
  const given = (name: string): URL | null => {
    const value = read(name) ?? read("ALL_PROXY");
    return value === undefined ? null : proxyUrl(value.includes("://") ? value : `http://${value}`, name);
  };
  // A server that runs as CGI has HTTP_PROXY from a header of whoever asks.
  const http =
    environment.REQUEST_METHOD !== undefined && environment.http_proxy === undefined ? null : given("HTTP_PROXY");
  const https = given("HTTPS_PROXY");
  const excepted = exceptions(read("NO_PROXY") ?? "");
  return (url) => (excepted(url) ? null : url.protocol === "https:" ? https : http);
}

function proxyUrl(proxy: string | URL, name: string): URL {
  if (!URL.canParse(String(proxy)))
    throw new TypeError(
      `Cannot use ${name}: expected a URL such as "http://proxy.example:3128", received ${String(proxy)}`,
    );
  const url = new URL(proxy);
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw new RangeError(
      `Cannot use ${name}: the proxy must speak HTTP or HTTPS, received "${url.protocol}//${url.host}"`,
    );
  return url;
}

/** Hosts, domains with or without a leading dot, each with or without a port; `*` is every host. */
function exceptions(list: string): (url: URL) => boolean {
  const entries = list
    .split(/[\s,]+/)
    .filter((entry) => entry !== "")
    .map(exception);
  return (url) => {
    const port = url.port || (url.protocol === "https:" ? "443" : "80");
    const host = url.hostname.replace(/^\[|\]$/g, "");
    return entries.some(
      (entry) =>
        (entry.port === undefined || entry.port === port) &&
        (entry.name === "*" || host === entry.name || host.endsWith(`.${entry.name}`)),
    );
  };
}

function exception(entry: string): { readonly name: string; readonly port: string | undefined } {
  const [, name, port] = /^(.*?)(?::(\d+))?$/.exec(entry.toLowerCase()) as unknown as [
    string,
    string,
    string | undefined,
  ];
  return { name: name.replace(/^\*?\./, ""), port };
}

/** What goes with requests to a proxy that wants to know who asks. */
export function proxyHeaders({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === "" && password === "") return {};
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(credentials).toString("base64")}` };
}
