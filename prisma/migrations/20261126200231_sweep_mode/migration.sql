-- CreateEnum
CREATE TYPE "SweepMode" AS ENUM ('EXACT', 'SCREENED');

-- AlterTable
ALTER TABLE "Run" ADD COLUMN     "sweepMode" "SweepMode" NOT NULL DEFAULT 'EXACT';
