// The frame around every page: sidebar, top bar, account, theme, the tab bar of a phone, the keyboard.
import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { here, navigate } from "../location.ts";
import { logout, type Session } from "../session.ts";
import { ConfirmHost } from "./confirm.tsx";
import { Icon, type IconName } from "./icon.tsx";
import { Logo } from "./logo.tsx";
import { Menu } from "./menu.tsx";
import { Note } from "./note.tsx";
import { ThemeButton } from "./theme-button.tsx";
import { Toasts } from "./toast.tsx";

type Link = { href: string; label: string; icon: IconName; key?: string };
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
    ],
  },
  { title: "System", links: [{ href: "/docs", label: "API docs", icon: "book", key: "d" }] },
];
const LINKS = NAV.flatMap((group) => group.links);
const ON_PHONE = ["/ui/", "/ui/servers", "/ui/virtual-servers", "/ui/tools"];

const isCurrent = (href: string): boolean =>
  href === "/ui/" ? here.value.path === href : here.value.path === href || here.value.path.startsWith(`${href}/`);

const menuOpen = signal(false);

export function Shell({ session, children }: { session: Session; children: ComponentChildren }) {
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
            <ThemeButton />
            <Menu
              class="avatar"
              button={initials(session.email)}
              label={`${initials(session.email)}, account of ${session.email}`}
              end
            >
              {() => <Account session={session} />}
            </Menu>
          </header>
          <main id="main" class="page" tabIndex={-1}>
            {session.serverId !== null && <Limited serverId={session.serverId} />}
            {children}
          </main>
        </div>
      </div>
      <TabBar />
      <Toasts />
      <ConfirmHost />
    </>
  );
}

const Limited = ({ serverId }: { serverId: string }) => (
  <Note tone="auth">
    <b>You signed in with a token for the virtual server {serverId} only.</b> It can call tools, but most of this
    dashboard needs one without that limit.
  </Note>
);

const Nav = () => (
  <nav aria-label="Main">
    {NAV.map((group) => (
      <div class="nav-g" key={group.title}>
        {group.title && <h2>{group.title}</h2>}
        {group.links.map((link) => (
          <a
            key={link.href}
            href={link.href}
            aria-current={isCurrent(link.href) ? "page" : undefined}
            title={link.key && `Press g, then ${link.key}`}
          >
            <Icon name={link.icon} />
            {link.label}
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

const Account = ({ session }: { session: Session }) => (
  <>
    <p>
      <b>{session.email}</b>
      <br />
      {session.isAdmin ? "Administrator" : "Member"}
      {session.serverId && `, one virtual server only`}
      <br />
      Signed in until {new Date(session.expiresAt).toLocaleString("en", { dateStyle: "medium", timeStyle: "short" })}
    </p>
    <button type="button" class="item" onClick={() => void logout()}>
      <Icon name="out" />
      Sign out
    </button>
  </>
);

const initials = (email: string): string =>
  (email.split("@")[0] ?? "")
    .split(/[._-]+/)
    .map((part) => part[0] ?? "")
    .join("")
    .slice(0, 2)
    .toUpperCase() || "?";

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
      const link = going ? LINKS.find((one) => one.key === event.key) : undefined;
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
