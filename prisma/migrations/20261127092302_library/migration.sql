-- CreateEnum
CREATE TYPE "TaskOrigin" AS ENUM ('BUNDLED', 'USER');

-- AlterTable
ALTER TABLE "Run" ADD COLUMN     "note" TEXT,
ADD COLUMN     "tags" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- AlterTable
ALTER TABLE "Task" ADD COLUMN     "createdById" UUID,
ADD COLUMN     "origin" "TaskOrigin" NOT NULL DEFAULT 'USER';

-- Nothing says which of the tasks before this came from elsewhere: all count as those of the program, which replaces them when it is updated.
UPDATE "Task" SET "origin" = 'BUNDLED';

-- CreateTable
CREATE TABLE "Study" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "note" TEXT,
    "settings" JSON NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "createdById" UUID,

    CONSTRAINT "Study_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "StudyCell" (
    "studyId" UUID NOT NULL,
    "modelPlace" INTEGER NOT NULL,
    "taskPlace" INTEGER NOT NULL,
    "settingsPlace" INTEGER NOT NULL,
    "modelId" UUID NOT NULL,
    "taskId" UUID NOT NULL,
    "runId" UUID,

    CONSTRAINT "StudyCell_pkey" PRIMARY KEY ("studyId","modelPlace","taskPlace","settingsPlace")
);

-- CreateTable
CREATE TABLE "Comparison" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "note" TEXT,
    "state" TEXT NOT NULL,
    "baseline" INTEGER NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "createdById" UUID,

    CONSTRAINT "Comparison_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ComparisonRun" (
    "comparisonId" UUID NOT NULL,
    "place" INTEGER NOT NULL,
    "runId" UUID,
    "key" TEXT NOT NULL,
    "model" TEXT NOT NULL,
    "task" TEXT NOT NULL,

    CONSTRAINT "ComparisonRun_pkey" PRIMARY KEY ("comparisonId","place")
);

-- CreateIndex
CREATE UNIQUE INDEX "Study_name_key" ON "Study"("name");

-- CreateIndex
CREATE INDEX "StudyCell_modelId_idx" ON "StudyCell"("modelId");

-- CreateIndex
CREATE INDEX "StudyCell_taskId_idx" ON "StudyCell"("taskId");

-- CreateIndex
CREATE INDEX "StudyCell_runId_idx" ON "StudyCell"("runId");

-- CreateIndex
CREATE UNIQUE INDEX "Comparison_name_key" ON "Comparison"("name");

-- CreateIndex
CREATE INDEX "ComparisonRun_runId_idx" ON "ComparisonRun"("runId");

-- CreateIndex
CREATE INDEX "Run_tags_idx" ON "Run" USING GIN ("tags");

-- AddForeignKey
ALTER TABLE "Task" ADD CONSTRAINT "Task_createdById_fkey" FOREIGN KEY ("createdById") REFERENCES "AccessToken"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Study" ADD CONSTRAINT "Study_createdById_fkey" FOREIGN KEY ("createdById") REFERENCES "AccessToken"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "StudyCell" ADD CONSTRAINT "StudyCell_studyId_fkey" FOREIGN KEY ("studyId") REFERENCES "Study"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "StudyCell" ADD CONSTRAINT "StudyCell_modelId_fkey" FOREIGN KEY ("modelId") REFERENCES "Model"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "StudyCell" ADD CONSTRAINT "StudyCell_taskId_fkey" FOREIGN KEY ("taskId") REFERENCES "Task"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "StudyCell" ADD CONSTRAINT "StudyCell_runId_fkey" FOREIGN KEY ("runId") REFERENCES "Run"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Comparison" ADD CONSTRAINT "Comparison_createdById_fkey" FOREIGN KEY ("createdById") REFERENCES "AccessToken"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ComparisonRun" ADD CONSTRAINT "ComparisonRun_comparisonId_fkey" FOREIGN KEY ("comparisonId") REFERENCES "Comparison"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ComparisonRun" ADD CONSTRAINT "ComparisonRun_runId_fkey" FOREIGN KEY ("runId") REFERENCES "Run"("id") ON DELETE SET NULL ON UPDATE CASCADE;
