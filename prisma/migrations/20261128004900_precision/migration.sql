-- CreateEnum
CREATE TYPE "Precision" AS ENUM ('F32', 'F16');

-- AlterTable
ALTER TABLE "Run" ADD COLUMN     "precision" "Precision" NOT NULL DEFAULT 'F32';
