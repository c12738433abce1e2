// A tool call as a curl command; the token stays a variable of the shell.

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

export function asCurl(request: { headers: Record<string, string>; body: unknown }): string {
  const headers = Object.entries(request.headers).map(([name, value]) => `  -H ${quote(`${name}: ${value}`)} \\`);
  return [
    `curl -sN ${quote(`${location.origin}/mcp`)} \\`,
    '  -H "Authorization: Bearer $GW_TOKEN" \\',
    ...headers,
    `  -d ${quote(JSON.stringify(request.body))}`,
  ].join("\n");
}
