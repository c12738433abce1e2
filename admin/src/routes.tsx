// Every page of the dashboard and its address. One table; what isn't in it is "not found".
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { ApiError } from "./api.ts";
import { here } from "./location.ts";
import { lazy } from "./parts/lazy.tsx";
import { ErrorNote, Note } from "./parts/note.tsx";
import { Shell } from "./parts/shell.tsx";
import { loadSession, may, type Permission, session } from "./session.ts";

const ClaimPage = lazy(() => import("./pages/entrance/claim.tsx").then((file) => file.ClaimPage));
const ResetPage = lazy(() => import("./pages/entrance/reset.tsx").then((file) => file.ResetPage));
const InvitationPage = lazy(() => import("./pages/invitation.tsx").then((file) => file.InvitationPage));
const ProfilePage = lazy(() => import("./pages/profile.tsx").then((file) => file.ProfilePage));
const UsersPage = lazy(() => import("./pages/users.tsx").then((file) => file.UsersPage));
const DocsPage = lazy(() => import("./pages/docs.tsx").then((file) => file.DocsPage));
const ConnectPage = lazy(() => import("./pages/connect.tsx").then((file) => file.ConnectPage));
const LoginPage = lazy(() => import("./pages/entrance/login.tsx").then((file) => file.LoginPage));
const MetricsPage = lazy(() => import("./pages/metrics.tsx").then((file) => file.MetricsPage));
const OverviewPage = lazy(() => import("./pages/overview.tsx").then((file) => file.OverviewPage));
const BuilderPage = lazy(() => import("./pages/servers/builder.tsx").then((file) => file.BuilderPage));
const ServersPage = lazy(() => import("./pages/servers.tsx").then((file) => file.ServersPage));
const RequestsPage = lazy(() => import("./pages/requests.tsx").then((file) => file.RequestsPage));
const ChangesPage = lazy(() => import("./pages/changes.tsx").then((file) => file.ChangesPage));
const AlertsPage = lazy(() => import("./pages/alerts.tsx").then((file) => file.AlertsPage));
const AuditPage = lazy(() => import("./pages/audit.tsx").then((file) => file.AuditPage));
const RolesPage = lazy(() => import("./pages/roles.tsx").then((file) => file.RolesPage));
const TeamsPage = lazy(() => import("./pages/teams.tsx").then((file) => file.TeamsPage));
const TokensPage = lazy(() => import("./pages/tokens.tsx").then((file) => file.TokensPage));
const ToolsPage = lazy(() => import("./pages/tools.tsx").then((file) => file.ToolsPage));
const DuplicatesPage = lazy(() => import("./pages/duplicates.tsx").then((file) => file.DuplicatesPage));
const UpstreamsPage = lazy(() => import("./pages/upstreams.tsx").then((file) => file.UpstreamsPage));

/** `needs`: without this permission the page says so instead. */
type Route = {
  path: string;
  title: string;
  needs?: Permission;
  page: (params: Record<string, string>) => ComponentChildren;
};

const ROUTES: readonly Route[] = [
  { path: "/ui", title: "Overview", page: () => <OverviewPage /> },
  { path: "/docs", title: "API docs", page: () => <DocsPage /> },
  { path: "/ui/connect", title: "Connect a client", page: () => <ConnectPage /> },
  { path: "/ui/tools/:id?", title: "Tools", page: ({ id }) => <ToolsPage id={id} /> },
  { path: "/ui/duplicates", title: "Duplicates", needs: "tools.read", page: () => <DuplicatesPage /> },
  { path: "/ui/changes/:id?", title: "Changes", needs: "tools.read", page: ({ id }) => <ChangesPage id={id} /> },
  { path: "/ui/virtual-servers", title: "Virtual servers", page: () => <ServersPage /> },
  {
    path: "/ui/virtual-servers/new",
    title: "New virtual server",
    page: () => <BuilderPage key="new" id={undefined} />,
  },
  { path: "/ui/virtual-servers/:id", title: "Virtual server", page: ({ id }) => <BuilderPage key={id} id={id} /> },
  {
    path: "/ui/servers/:id?/:action?",
    title: "MCP servers",
    page: ({ id, action }) => <UpstreamsPage id={id} action={action} />,
  },
  {
    path: "/ui/users/:id?/:action?",
    title: "Users",
    needs: "users.read",
    page: ({ id, action }) => <UsersPage id={id} action={action} />,
  },
  {
    path: "/ui/teams/:id?/:action?",
    title: "Teams",
    needs: "teams.read",
    page: ({ id, action }) => <TeamsPage id={id} action={action} />,
  },
  {
    path: "/ui/tokens/:id?/:action?",
    title: "Tokens",
    needs: "tokens.read",
    page: ({ id, action }) => <TokensPage id={id} action={action} />,
  },
  {
    path: "/ui/roles/:id?/:action?",
    title: "Roles",
    needs: "roles.read",
    page: ({ id, action }) => <RolesPage id={id} action={action} />,
  },
  {
    path: "/ui/alerts/:id?/:action?",
    title: "Alerts",
    needs: "webhooks.read",
    page: ({ id, action }) => <AlertsPage id={id} action={action} />,
  },
  { path: "/ui/requests/:id?", title: "Requests", needs: "logs.read", page: ({ id }) => <RequestsPage id={id} /> },
  { path: "/ui/audit/:id?", title: "Audit", needs: "audit.read", page: ({ id }) => <AuditPage id={id} /> },
  { path: "/ui/metrics", title: "Metrics", needs: "metrics.read", page: () => <MetricsPage /> },
  { path: "/ui/profile", title: "Profile", page: () => <ProfilePage /> },
  { path: "/ui/invitation", title: "Invitation", page: () => <InvitationPage /> },
];

/** Pages that need nothing but their address, as far as the person may see them. */
const pages = (): { href: string; title: string }[] =>
  ROUTES.filter(({ path, needs }) => !/:\w+(?!\w|\?)/.test(path) && (needs === undefined || may(needs))).map(
    ({ path, title }) => ({ href: path === "/ui" ? "/ui/" : path.replace(/\/:.*/, ""), title }),
  );

/** Pages without the frame, for people who are not signed in. */
const CLAIM: Route = { path: "/ui/claim", title: "Claim this gateway", page: () => <ClaimPage /> };
const ENTRANCES: readonly Route[] = [
  CLAIM,
  { path: "/ui/login", title: "Sign in", page: () => <LoginPage /> },
  { path: "/ui/reset", title: "Choose a password", page: () => <ResetPage /> },
];

/** The parameters of a path that fits the pattern; undefined when it does not. */
function match(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split("/").filter(Boolean);
  const given = path.split("/").filter(Boolean);
  if (given.length > wanted.length) return undefined;
  const params: Record<string, string> = {};
  for (const [at, part] of wanted.entries()) {
    const value = given[at];
    if (part.startsWith(":")) {
      if (value !== undefined) params[part.replace(/[:?]/g, "")] = decodeURIComponent(value);
      else if (!part.endsWith("?")) return undefined;
    } else if (part !== value) return undefined;
  }
  return params;
}

type Shown = { title: string; content: ComponentChildren };

function find(path: string): Shown {
  for (const route of ROUTES) {
    const params = match(route.path, path);
    if (params === undefined) continue;
    const { title, needs } = route;
    if (needs !== undefined && !may(needs)) return { title, content: <Forbidden title={title} needs={needs} /> };
    return { title, content: route.page(params) };
  }
  return { title: "Not found", content: <NotFound /> };
}

export function App() {
  const { path } = here.value;
  const who = session.value;
  const entrance = entranceFor(path);
  const { title, content } = entrance ?? find(path);
  const shown = useRef(title);
  useEffect(() => {
    document.title = `${title} · Causeway`;
    // another page: the reading position starts at its beginning
    if (shown.current !== title) document.getElementById("main")?.focus({ preventScroll: true });
    shown.current = title;
  }, [title]);
  if (entrance) return content;
  if (who instanceof ApiError)
    return (
      <main class="page">
        <ErrorNote error={who} what="The gateway did not say who you are" retry={() => void loadSession()} />
      </main>
    );
  return who ? (
    <Shell session={who} pages={pages()}>
      {content}
    </Shell>
  ) : (
    <main class="page" aria-busy="true" />
  );
}

/** The page without the frame for a path; claiming stands in the way of all others. */
function entranceFor(path: string): Shown | undefined {
  const who = session.value;
  const nobodys = who instanceof ApiError && who.code === "not_claimed";
  const route = ENTRANCES.find((one) => one.path === path) ?? (nobodys ? CLAIM : undefined);
  return route && { title: route.title, content: route.page({}) };
}

const Forbidden = ({ title, needs }: { title: string; needs: Permission }) => (
  <>
    <div class="head">
      <div>
        <h1>{title}</h1>
      </div>
    </div>
    <Note tone="auth">
      <b>
        You need the permission <code>{needs}</code> for this page.
      </b>{" "}
      Ask an administrator for a role that has it.
    </Note>
  </>
);

const NotFound = () => (
  <div class="head">
    <div>
      <h1>There is no such page</h1>
      <p>
        The address may be mistyped, or the thing it named is gone. <a href="/ui/">Go to the overview</a>
      </p>
    </div>
  </div>
);
