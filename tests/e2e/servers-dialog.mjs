// The place where servers are looked at, as a person uses it.

/** Opens it; gives the dialog. */
export async function openServers(fanout) {
  await fanout.button('Servers').click();
  return fanout.page.getByRole('dialog', { name: 'Servers' });
}

/** Connects to the server that is looked at. */
export async function connect(dialog) {
  await dialog.getByRole('button', { name: 'Connect', exact: true }).click();
  await dialog.getByText(/^Ready: \d+ tools?\b/).waitFor();
}

/** The row of a tool. */
export const toolRow = (dialog, name) => dialog.getByRole('list', { name: 'Tools', exact: true }).getByRole('listitem').filter({ has: dialog.page().locator('summary', { hasText: name }) });

/** Opens a tool; gives its row. */
export async function openTool(dialog, name) {
  const row = toolRow(dialog, name);
  await row.locator('summary').first().click();
  return row;
}

/** What the server says about itself: names and texts. */
export async function about(dialog) {
  await dialog.getByRole('button', { name: 'About', exact: true }).click();
  const rows = dialog.locator('.server-panel__facts > div');
  await rows.first().waitFor();
  return Object.fromEntries(await rows.evaluateAll(all => all.map(row => [row.querySelector('dt').textContent, row.querySelector('dd').textContent])));
}
