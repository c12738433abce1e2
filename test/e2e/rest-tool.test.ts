// A REST endpoint becomes a tool by a form, and is tried at once.
import { expect } from "vitest";
import { answering, listen, readBody } from "../fakes/http.ts";
import { button, dashboardTest, field } from "./browser.ts";

const test = dashboardTest();

/** An HTTP server that remembers what it was asked and answers with a temperature. */
async function startWeather() {
  const asked: { method: string | undefined; body: unknown }[] = [];
  const listener = answering(async (incoming, outgoing) => {
    asked.push({ method: incoming.method, body: JSON.parse((await readBody(incoming)).toString()) });
    outgoing.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ degrees: 21 }));
  });
  return { ...(await listen(listener, "/weather")), asked };
}

test("is added by form, asks for its arguments by name, and calls the endpoint", async ({ gateway, visit, page }) => {
  const weather = await startWeather();
  await visit.open("/ui/tools/new");
  const form = page.getByRole("dialog", { name: "Add REST tool" });
  await button(form, "Add tool").click();
  await form.getByText("Enter an http or https URL").waitFor();
  await field(form, "Name").fill("get_weather");
  await field(form, "URL").fill(weather.url);
  await field(form, "Description").fill("Tells the temperature of a city.");
  await field(form, "Input schema").fill('{"type":"object","properties":{"city":');
  await button(form, "Add tool").click();
  expect(await field(form, "Input schema").getAttribute("aria-invalid")).toBe("true");
  const schema = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
  await field(form, "Input schema").fill(JSON.stringify(schema));
  await button(form, "Add tool").click();

  const tool = page.getByRole("dialog", { name: "get_weather" });
  await tool.getByRole("tab", { name: "Try it" }).click();
  await button(tool, "Run").click();
  await tool.getByText("One value needs your attention.").waitFor();
  expect(weather.asked).toEqual([]);
  await field(tool, "city").fill("Ghent");
  await button(tool, "Run").click();
  const answer = tool.getByRole("region", { name: "Answer" });
  await answer
    .getByText(/"degrees":\s*21/)
    .first()
    .waitFor();
  expect(weather.asked).toEqual([{ method: "POST", body: { city: "Ghent" } }]);
  const [row] = (await gateway.api<Record<string, unknown>[]>("GET", "/tools")).body;
  expect(row).toMatchObject({ name: "get_weather", integrationType: "REST", requestType: "POST", url: weather.url });
  await weather.close();
});

test("a name that is taken is refused at its field, and nothing typed is lost", async ({ gateway, visit, page }) => {
  visit.expects("409 POST /tools");
  const url = "http://127.0.0.1:9/taken";
  const first = { name: "taken", url, integrationType: "REST", requestType: "POST" };
  expect((await gateway.api("POST", "/tools", first)).status).toBe(201);
  await visit.open("/ui/tools/new");
  const form = page.getByRole("dialog", { name: "Add REST tool" });
  await field(form, "Name").fill("taken");
  await field(form, "URL").fill(url);
  await button(form, "Add tool").click();
  const refusal = form.getByRole("alert").filter({ hasText: "Nothing was saved" });
  await refusal.getByText("Choose another name").waitFor();
  expect(await field(form, "URL").inputValue()).toBe(url);
});
