-- AlterTable
ALTER TABLE "Run" ADD COLUMN     "analyses" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "related" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "sweepPrompts" INTEGER NOT NULL DEFAULT 1;

-- AlterTable
ALTER TABLE "RunReport" ADD COLUMN     "further" JSON;
