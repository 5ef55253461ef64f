export const runLink = (run: { id: string }): string => `/runs/${encodeURIComponent(run.id)}`;
export const modelLink = (name: string): string => `/models/${encodeURIComponent(name)}`;
export const taskLink = (slug: string): string => `/tasks/${encodeURIComponent(slug)}`;
/** `compareRuns` takes so many runs. */
export const MOST_COMPARED = 12;
export const compareLink = (ids: readonly string[]): string =>
  `/compare?runs=${ids.map(encodeURIComponent).join(",")}`;
export const studyLink = (study: { id: string }): string => `/studies/${encodeURIComponent(study.id)}`;
/** The list of runs with some of its filters set. */
export const runsLink = (filters: Record<string, string>): string => `/runs?${new URLSearchParams(filters)}`;
