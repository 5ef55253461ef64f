/** A field for who made something. The row has a `createdBy`. */
export const createdBy = {
  nullable: true,
  description: "Name of the token it was made with; null: this machine's own user.",
  select: { createdBy: { select: { name: true } } },
  resolve: (row: { createdBy: { name: string } | null }) => row.createdBy?.name ?? null,
} as const;
