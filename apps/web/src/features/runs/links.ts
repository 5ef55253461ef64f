export const runLink = (run: { id: string }): string => `/runs/${encodeURIComponent(run.id)}`;
export const modelLink = (name: string): string => `/models/${encodeURIComponent(name)}`;
export const taskLink = (slug: string): string => `/tasks/${encodeURIComponent(slug)}`;
export const compareLink = (ids: readonly string[]): string =>
  `/compare?runs=${ids.map(encodeURIComponent).join(",")}`;
