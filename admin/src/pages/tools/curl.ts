// A tool call as a curl command; the token stays a variable of the shell.

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** `path`: the endpoint of a virtual server, or the gateway's own. */
export function asCurl(request: { headers: Record<string, string>; body: unknown }, path = "/mcp"): string {
  const headers = Object.entries(request.headers).map(([name, value]) => `  -H ${quote(`${name}: ${value}`)} \\`);
  return [
    `curl -sN ${quote(`${location.origin}${path}`)} \\`,
    '  -H "Authorization: Bearer $GW_TOKEN" \\',
    ...headers,
    `  -d ${quote(JSON.stringify(request.body))}`,
  ].join("\n");
}
