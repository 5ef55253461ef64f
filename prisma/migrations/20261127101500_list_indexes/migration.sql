-- DropIndex
DROP INDEX "Run_modelId_idx";

-- DropIndex
DROP INDEX "Run_status_idx";

-- DropIndex
DROP INDEX "Run_taskId_idx";

-- CreateIndex
CREATE INDEX "Run_modelId_id_idx" ON "Run"("modelId", "id");

-- CreateIndex
CREATE INDEX "Run_taskId_id_idx" ON "Run"("taskId", "id");

-- CreateIndex
CREATE INDEX "Run_status_id_idx" ON "Run"("status", "id");

-- CreateIndex
CREATE INDEX "Run_shots_id_idx" ON "Run"("shots", "id");
