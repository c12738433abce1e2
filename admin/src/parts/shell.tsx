// The frame around every page: sidebar, top bar, account, theme, the tab bar of a phone, the keyboard.
import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { here, navigate } from "../location.ts";
import { logout, type Me, may, type Permission } from "../session.ts";
import { initials } from "./badges.tsx";
import { ConfirmHost } from "./confirm.tsx";
import { Icon, type IconName } from "./icon.tsx";
import { Logo } from "./logo.tsx";
import { Menu } from "./menu.tsx";
import { type PageLink, PaletteButton, PaletteHost } from "./palette.tsx";
import { PendingChanges } from "./pending.tsx";
import { ThemeButton } from "./theme-button.tsx";
import { Toasts } from "./toast.tsx";

/** `needs`: without this permission the page is not shown. `Mark` says beside the name what waits there. */
type Link = {
  href: string;
  label: string;
  icon: IconName;
  key?: string;
  needs?: Permission;
  Mark?: () => ComponentChildren;
};
const NAV: { title?: string; links: Link[] }[] = [
  {
    links: [
      { href: "/ui/", label: "Overview", icon: "overview", key: "o" },
      { href: "/ui/connect", label: "Connect", icon: "plug", key: "c" },
    ],
  },
  {
    title: "Catalog",
    links: [
      { href: "/ui/servers", label: "MCP servers", icon: "server", key: "s" },
      { href: "/ui/virtual-servers", label: "Virtual servers", icon: "layers", key: "v" },
      { href: "/ui/tools", label: "Tools", icon: "tool", key: "t" },
      { href: "/ui/duplicates", label: "Duplicates", icon: "copy", key: "i", needs: "tools.read" },
      { href: "/ui/changes", label: "Changes", icon: "diff", key: "h", needs: "tools.read", Mark: PendingChanges },
    ],
  },
  {
    title: "Watch",
    links: [
      { href: "/ui/requests", label: "Requests", icon: "list", key: "l", needs: "logs.read" },
      { href: "/ui/metrics", label: "Metrics", icon: "chart", key: "x", needs: "metrics.read" },
    ],
  },
  {
    title: "Access",
    links: [
      { href: "/ui/users", label: "Users", icon: "user", key: "u", needs: "users.read" },
      { href: "/ui/teams", label: "Teams", icon: "team", key: "m", needs: "teams.read" },
      { href: "/ui/roles", label: "Roles", icon: "role", key: "r", needs: "roles.read" },
      { href: "/ui/tokens", label: "Tokens", icon: "key", key: "k", needs: "tokens.read" },
      { href: "/ui/audit", label: "Audit", icon: "audit", key: "a", needs: "audit.read" },
    ],
  },
  {
    title: "System",
    links: [
      { href: "/ui/alerts", label: "Alerts", icon: "bell", key: "l", needs: "webhooks.read" },
      { href: "/docs", label: "API docs", icon: "book", key: "d" },
    ],
  },
];
const PROFILE: Link = { href: "/ui/profile", label: "Profile", icon: "user", key: "p" };
/** Not in the navigation: the account menu, or a link that somebody was sent, leads there. */
const BESIDE: Link[] = [PROFILE, { href: "/ui/invitation", label: "Invitation", icon: "team" }];
const LINKS = [...NAV.flatMap((group) => group.links), ...BESIDE];
const ON_PHONE = ["/ui/", "/ui/servers", "/ui/virtual-servers", "/ui/tools"];

const isShown = ({ needs }: Link): boolean => needs === undefined || may(needs);

const iconOf = (page: string): IconName => LINKS.find(({ href }) => href === page)?.icon ?? "window";

const isCurrent = (href: string): boolean =>
  href === "/ui/" ? here.value.path === href : here.value.path === href || here.value.path.startsWith(`${href}/`);

const menuOpen = signal(false);

type ShellProps = { session: Me; pages: readonly Pick<PageLink, "href" | "title">[]; children: ComponentChildren };

export function Shell({ session, pages, children }: ShellProps) {
  const { path } = here.value;
  useKeyboard();
  useEffect(() => {
    menuOpen.value = false;
  }, [path]);
  const current = LINKS.find((link) => isCurrent(link.href));
  return (
    <>
      <a class="skip" href="#main">
        Skip to content
      </a>
      <div class="app">
        <aside class={menuOpen.value ? "side open" : "side"} id="side">
          <a class="brand" href="/ui/">
            <Logo />
            Causeway
          </a>
          <Nav />
        </aside>
        <div class="col">
          <header class="top">
            <nav class="crumbs" aria-label="Breadcrumb">
              <Crumbs current={current} />
            </nav>
            <PaletteButton />
            <ThemeButton />
            <Menu
              class="avatar"
              button={initials(session)}
              label={`${initials(session)}, account of ${session.email}`}
              end
            >
              {(close) => <Account session={session} close={close} />}
            </Menu>
          </header>
          <main id="main" class="page" tabIndex={-1}>
            {children}
          </main>
        </div>
      </div>
      <TabBar />
      <Toasts />
      <ConfirmHost />
      <PaletteHost pages={pages.map((page) => ({ ...page, icon: iconOf(page.href) }))} />
    </>
  );
}

const Nav = () => (
  <nav aria-label="Main">
    {NAV.map(({ title, links }) => ({ title, links: links.filter(isShown) }))
      .filter(({ links }) => links.length > 0)
      .map(({ title, links }) => (
        <div class="nav-g" key={title}>
          {title && <h2>{title}</h2>}
          {links.map((link) => (
            <a
              key={link.href}
              href={link.href}
              aria-current={isCurrent(link.href) ? "page" : undefined}
              title={link.key && `Press g, then ${link.key}`}
            >
              <Icon name={link.icon} />
              {link.label}
              {link.Mark && <link.Mark />}
            </a>
          ))}
        </div>
      ))}
  </nav>
);

const Crumbs = ({ current }: { current: Link | undefined }) => (
  <>
    {current && here.value.path !== current.href ? (
      <a href={current.href}>{current.label}</a>
    ) : (
      <span aria-current="page">{current?.label ?? "Not found"}</span>
    )}
  </>
);

const TabBar = () => (
  <nav class="tabbar" aria-label="Sections">
    {LINKS.filter((link) => ON_PHONE.includes(link.href)).map((link) => (
      <a key={link.href} href={link.href} aria-current={isCurrent(link.href) ? "page" : undefined}>
        <Icon name={link.icon} />
        {link.label.replace("MCP servers", "Servers").replace("Virtual servers", "Virtual")}
      </a>
    ))}
    <button
      type="button"
      aria-expanded={menuOpen.value}
      aria-controls="side"
      onClick={() => {
        menuOpen.value = !menuOpen.value;
      }}
    >
      <Icon name="more" />
      More
    </button>
  </nav>
);

const Account = ({ session, close }: { session: Me; close: () => void }) => (
  <>
    <p>
      <b>{session.fullName ?? session.email}</b>
      <br />
      {session.fullName && (
        <>
          {session.email}
          <br />
        </>
      )}
      {session.isAdmin ? "Administrator" : "Member"}
      {session.expiresAt && (
        <>
          <br />
          Signed in until{" "}
          {new Date(session.expiresAt).toLocaleString("en", { dateStyle: "medium", timeStyle: "short" })}
        </>
      )}
    </p>
    <a class="item" href={PROFILE.href} onClick={close}>
      <Icon name="user" />
      Profile
    </a>
    <button type="button" class="item" onClick={() => void logout()}>
      <Icon name="out" />
      Sign out
    </button>
  </>
);

const GO_MS = 1200;

/** `/` to the search field, `g` and a letter to a page; off while typing and while a dialog is open. */
function useKeyboard(): void {
  useEffect(() => {
    let gone = 0;
    const onKey = (event: KeyboardEvent): void => {
      const typing =
        event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable]");
      if (event.key === "Escape") menuOpen.value = false;
      if (typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
      const going = performance.now() - gone < GO_MS;
      gone = event.key === "g" ? performance.now() : 0;
      const link = going ? LINKS.find((one) => one.key === event.key && isShown(one)) : undefined;
      const search = event.key === "/" ? document.querySelector<HTMLInputElement>("[data-search]") : null;
      if (link === undefined && search === null) return;
      event.preventDefault();
      search?.focus();
      if (link) void navigate(link.href);
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
}
