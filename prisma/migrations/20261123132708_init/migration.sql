-- CreateEnum
CREATE TYPE "ModelSource" AS ENUM ('BUNDLED', 'FOLDER', 'HUB');

-- CreateEnum
CREATE TYPE "RunStatus" AS ENUM ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED');

-- CreateEnum
CREATE TYPE "KnownFilter" AS ENUM ('TOP1', 'TOP10', 'CANDIDATE_TOP1');

-- CreateTable
CREATE TABLE "Model" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "source" "ModelSource" NOT NULL,
    "summary" JSON,
    "fingerprint" TEXT,
    "errorCode" TEXT,
    "errorMessage" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Model_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Task" (
    "id" UUID NOT NULL,
    "slug" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "current" BOOLEAN NOT NULL,
    "content" JSON NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Task_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Run" (
    "id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "requestKey" TEXT NOT NULL,
    "status" "RunStatus" NOT NULL DEFAULT 'QUEUED',
    "modelId" UUID NOT NULL,
    "taskId" UUID NOT NULL,
    "shots" INTEGER NOT NULL,
    "seed" INTEGER NOT NULL,
    "knownFilter" "KnownFilter" NOT NULL,
    "leadIns" INTEGER NOT NULL,
    "bootstrapSamples" INTEGER NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "startedAt" TIMESTAMPTZ(3),
    "finishedAt" TIMESTAMPTZ(3),
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "step" TEXT,
    "stepDone" INTEGER,
    "stepTotal" INTEGER,
    "fraction" DOUBLE PRECISION,
    "message" TEXT,
    "errorCode" TEXT,
    "errorMessage" TEXT,
    "summary" JSON,
    "receipt" JSON,
    "warnings" TEXT[] DEFAULT ARRAY[]::TEXT[],

    CONSTRAINT "Run_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "RunReport" (
    "runId" UUID NOT NULL,
    "task" JSON NOT NULL,
    "prediction" JSON NOT NULL,
    "argumentPassing" JSON NOT NULL,
    "mlpActivation" JSON NOT NULL,
    "functionApplication" JSON NOT NULL,
    "finalLayer" JSON NOT NULL,

    CONSTRAINT "RunReport_pkey" PRIMARY KEY ("runId")
);

-- CreateTable
CREATE TABLE "Prompt" (
    "runId" UUID NOT NULL,
    "index" INTEGER NOT NULL,
    "known" BOOLEAN NOT NULL,
    "content" JSON NOT NULL,

    CONSTRAINT "Prompt_pkey" PRIMARY KEY ("runId","index")
);

-- CreateTable
CREATE TABLE "RunArray" (
    "runId" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "index" INTEGER NOT NULL,
    "unit" TEXT NOT NULL,
    "axes" JSON NOT NULL,
    "values" BYTEA NOT NULL,

    CONSTRAINT "RunArray_pkey" PRIMARY KEY ("runId","name")
);

-- CreateIndex
CREATE UNIQUE INDEX "Model_name_key" ON "Model"("name");

-- CreateIndex
CREATE UNIQUE INDEX "Task_hash_key" ON "Task"("hash");

-- CreateIndex
CREATE INDEX "Task_slug_idx" ON "Task"("slug");

-- CreateIndex
CREATE INDEX "Run_key_idx" ON "Run"("key");

-- CreateIndex
CREATE INDEX "Run_requestKey_idx" ON "Run"("requestKey");

-- CreateIndex
CREATE INDEX "Run_modelId_idx" ON "Run"("modelId");

-- CreateIndex
CREATE INDEX "Run_taskId_idx" ON "Run"("taskId");

-- CreateIndex
CREATE INDEX "Run_status_idx" ON "Run"("status");

-- AddForeignKey
ALTER TABLE "Run" ADD CONSTRAINT "Run_modelId_fkey" FOREIGN KEY ("modelId") REFERENCES "Model"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Run" ADD CONSTRAINT "Run_taskId_fkey" FOREIGN KEY ("taskId") REFERENCES "Task"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "RunReport" ADD CONSTRAINT "RunReport_runId_fkey" FOREIGN KEY ("runId") REFERENCES "Run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Prompt" ADD CONSTRAINT "Prompt_runId_fkey" FOREIGN KEY ("runId") REFERENCES "Run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "RunArray" ADD CONSTRAINT "RunArray_runId_fkey" FOREIGN KEY ("runId") REFERENCES "Run"("id") ON DELETE CASCADE ON UPDATE CASCADE;
