/** The administration as a person uses it; what its pages are made of stands here only. */

import { expect, type Locator, type Page } from '@playwright/test';
import type { Portal } from './pages.ts';

export class AdminPages {
  readonly page: Page;

  constructor(private readonly portal: Portal) {
    this.page = portal.page;
  }

  /** Goes to a place below `/admin`. */
  async open(path = ''): Promise<void> {
    await this.portal.open(`/admin${path}`);
  }

  get rows(): Locator {
    return this.page.getByTestId('row');
  }

  /** The rows that lead to an object of this name. */
  row(name: string): Locator {
    return this.rows.filter({ has: this.page.getByRole('link', { name }) });
  }

  /** Narrows a list by typing, and waits until the address has it. */
  async search(text: string): Promise<void> {
    await this.page.getByTestId('admin-search').fill(text);
    await expect(this.page).toHaveURL(new RegExp(`search=${text}`));
  }

  async fill(field: string, text: string): Promise<void> {
    await this.page.locator(`[data-input="${field}"]`).fill(text);
  }

  input(field: string): Locator {
    return this.page.locator(`[data-input="${field}"]`);
  }

  /** Chooses an object in a field of the form. */
  async choose(field: string, name: string): Promise<void> {
    const place = this.page.locator(`[data-field="${field}"]`);
    await place.locator('[data-picker]').click();
    await place.locator('[data-picker]').fill(name);
    await place.getByRole('option', { name }).first().click();
  }

  /** What is said at a field. */
  error(field: string): Locator {
    return this.page.getByTestId(`error-${field}`);
  }

  /** A row of the settings editor. */
  setting(name: string): Locator {
    return this.page.locator(`[data-setting="${name}"]`);
  }

  async addSetting(name: string): Promise<void> {
    await this.page.getByTestId('add-setting').fill(name);
    await this.page.getByTestId('add-setting').press('Enter');
    await expect(this.setting(name)).toBeVisible();
  }

  async tab(id: string): Promise<void> {
    await this.page.getByTestId(`tab-${id}`).click();
  }

  async save(): Promise<void> {
    await this.page.getByTestId('save').click();
  }

  /** Saves, and waits until it is said to be saved. */
  async saved(): Promise<void> {
    await this.save();
    await expect(this.page.getByTestId('admin-notices').getByText(/^Saved/).last()).toBeVisible();
    await expect(this.page.getByTestId('save')).toBeHidden();
  }

  /** Opens the question before something is deleted. */
  async askToDelete(): Promise<Locator> {
    await this.page.getByTestId('delete').click();
    return this.page.getByTestId('delete-dialog');
  }

  async delete(): Promise<void> {
    await this.askToDelete();
    await this.page.getByTestId('delete-confirm').click();
    await expect(this.page.getByTestId('delete-dialog')).toBeHidden();
  }
}
