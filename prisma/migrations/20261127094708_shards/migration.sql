-- CreateEnum
CREATE TYPE "RunPriority" AS ENUM ('LOW', 'NORMAL', 'HIGH');

-- CreateEnum
CREATE TYPE "ShardKind" AS ENUM ('PLAN', 'FACTS', 'SUMMARY', 'FURTHER', 'REPORT');

-- CreateEnum
CREATE TYPE "ShardStatus" AS ENUM ('WAITING', 'CLAIMED', 'DONE');

-- AlterTable
ALTER TABLE "Run" ADD COLUMN     "fingerprint" TEXT,
ADD COLUMN     "priority" "RunPriority" NOT NULL DEFAULT 'NORMAL',
ADD COLUMN     "source" TEXT;

-- CreateTable
CREATE TABLE "RunShard" (
    "runId" UUID NOT NULL,
    "index" INTEGER NOT NULL,
    "kind" "ShardKind" NOT NULL,
    "from" INTEGER,
    "to" INTEGER,
    "analysis" TEXT,
    "status" "ShardStatus" NOT NULL DEFAULT 'WAITING',
    "ticket" TEXT,
    "worker" TEXT,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "fraction" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "seconds" DOUBLE PRECISION,

    CONSTRAINT "RunShard_pkey" PRIMARY KEY ("runId","index")
);

-- CreateTable
CREATE TABLE "ShardPart" (
    "runId" UUID NOT NULL,
    "shard" INTEGER NOT NULL,
    "place" INTEGER NOT NULL,
    "bytes" BYTEA NOT NULL,

    CONSTRAINT "ShardPart_pkey" PRIMARY KEY ("runId","shard","place")
);

-- CreateTable
CREATE TABLE "Worker" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "device" TEXT NOT NULL,
    "memory" BIGINT,
    "version" TEXT NOT NULL,
    "startedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "seenAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "runId" UUID,

    CONSTRAINT "Worker_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "Worker_seenAt_idx" ON "Worker"("seenAt");

-- AddForeignKey
ALTER TABLE "RunShard" ADD CONSTRAINT "RunShard_runId_fkey" FOREIGN KEY ("runId") REFERENCES "Run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ShardPart" ADD CONSTRAINT "ShardPart_runId_shard_fkey" FOREIGN KEY ("runId", "shard") REFERENCES "RunShard"("runId", "index") ON DELETE CASCADE ON UPDATE CASCADE;
