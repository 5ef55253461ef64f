-- What lists of runs are ordered by, computed by the database from what each run's row says already.
ALTER TABLE "Run"
ADD COLUMN "top1" DOUBLE PRECISION GENERATED ALWAYS AS (("summary" -> 'top1' ->> 'value')::double precision) STORED,
ADD COLUMN "probability" DOUBLE PRECISION GENERATED ALWAYS AS (("summary" -> 'probability' ->> 'value')::double precision) STORED,
ADD COLUMN "moverEffect" DOUBLE PRECISION GENERATED ALWAYS AS (("summary" -> 'topMoverEffect' ->> 'value')::double precision) STORED,
ADD COLUMN "r2HeldOut" DOUBLE PRECISION GENERATED ALWAYS AS (("summary" ->> 'r2HeldOut')::double precision) STORED,
ADD COLUMN "finalLayerChange" DOUBLE PRECISION GENERATED ALWAYS AS (("summary" -> 'finalLayerChange' ->> 'value')::double precision) STORED,
ADD COLUMN "seconds" DOUBLE PRECISION GENERATED ALWAYS AS (extract(epoch FROM "finishedAt" - "startedAt")::double precision) STORED;
