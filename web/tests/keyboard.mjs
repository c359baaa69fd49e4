// Working at the desk without a mouse.
import assert from "node:assert/strict";

/** Tabs to an element as somebody without a mouse would, and sees where the focus is. */
export async function reach(page, wanted) {
  for (let step = 0; step < 250; step += 1) {
    await page.keyboard.press("Tab");
    const seen = await page.evaluate(() => {
      const element = document.activeElement;
      // Radios and checkboxes are drawn on their labels.
      const drawn = [element, ...(element.labels || [])].flatMap((part) => [
        getComputedStyle(part), getComputedStyle(part, "::before"),
      ]);
      return {
        name: element.name || "", nowhere: element === document.body, value: element.value || "", words: element.innerText?.trim() || "",
        visible: drawn.some((style) => style.boxShadow !== "none" || (style.outlineStyle !== "none" && !/^rgba\(0, 0, 0, 0\)|transparent/.test(style.outlineColor))),
      };
    });
    if (seen.nowhere) continue;
    assert.ok(seen.visible, `no visible focus on ${JSON.stringify(seen)}`);
    if (wanted(seen)) return;
  }
  assert.fail(`the keyboard never reaches ${wanted}`);
}

export const press = async (page, words, key = "Enter") => {
  await reach(page, (seen) => seen.words === words);
  const gone = page.waitForNavigation();
  await page.keyboard.press(key);
  await gone;
};

/** Fills a form by keyboard: Tab from field to field, letters for texts and lists, Space for ticks. */
export async function type(page, answers) {
  for (const [name, given] of Object.entries(answers)) {
    const field = page.locator(`[name="${name}"]:not([type=hidden])`);
    if ((await field.count()) === 0) continue;
    const kind = await field.first().evaluate((element) => element.type);
    if (!(await field.first().isVisible())) continue;
    if (kind === "checkbox") {
      for (const value of given) {
        await reach(page, (seen) => seen.name === name && seen.value === value);
        await page.keyboard.press("Space");
      }
    } else if (kind === "radio") {
      await reach(page, (seen) => seen.name === name);
      await page.keyboard.press("Space");
      for (let step = 0; step < 40; step += 1) {
        if ((await page.evaluate(() => document.activeElement.value)) === given) break;
        await page.keyboard.press("ArrowDown");
      }
      assert.ok(await page.locator(`[name="${name}"][value="${given}"]`).isChecked(), `${name} is not chosen`);
    } else if (kind === "select-one") {
      await reach(page, (seen) => seen.name === name);
      await page.keyboard.type((await field.locator(`option[value="${given}"]`).innerText()).slice(0, 30));
      assert.equal(await field.inputValue(), given);
    } else {
      await reach(page, (seen) => seen.name === name);
      await page.keyboard.type(given);
    }
  }
}
