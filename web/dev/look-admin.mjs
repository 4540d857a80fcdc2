/** Pictures of the administration: each scene leads a signed-in page somewhere. */

const go = (path, ready) => async (page, base) => {
  await page.goto(base + path);
  if (ready) await page.locator(ready).first().waitFor({ timeout: 8000 });
  await page.waitForTimeout(500);
};

export const ADMIN_SCENES = {
  endpoints: go('/admin/endpoints', '[data-testid=row]'),
  'endpoint-general': go('/admin/endpoints/ep-db-primary', '[data-input=name]'),
  'endpoint-settings': go('/admin/endpoints/ep-db-primary/settings', '[data-setting]'),
  'endpoint-policies': go('/admin/endpoints/ep-db-primary/policies', '[data-testid=binding]'),
  'endpoint-explain': go('/admin/endpoints/ep-db-primary/explain?user=u-bela', '[data-testid=effective]'),
};
