/** Reports of the further analyses, by id. Each type stands in a file of its own in this folder. */
// biome-ignore lint/suspicious/noEmptyInterface: analyses register their report here
export interface FurtherReports {}
