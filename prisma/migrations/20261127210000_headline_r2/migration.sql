-- The R² of lists was that of the layer's own heads (R1). It is now the one that the run's pages and comparisons show: all heads up to
-- the headline layer (R2). The run's report has both.
UPDATE "Run" AS r
SET "summary" = jsonb_set(
  r."summary"::jsonb,
  '{r2HeldOut}',
  coalesce(
    (
      SELECT (fit -> 'r2HeldOut' -> 'mean')::jsonb
      FROM json_array_elements(report."mlpActivation" -> 'decompositions') AS fit
      WHERE fit ->> 'regressors' = 'R2' AND fit ->> 'layer' = report."mlpActivation" ->> 'headlineLayer'
    ),
    'null'
  )
)::json
FROM "RunReport" AS report
WHERE report."runId" = r."id" AND r."summary" IS NOT NULL;
