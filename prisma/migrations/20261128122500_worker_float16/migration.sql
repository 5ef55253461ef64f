-- AlterTable
ALTER TABLE "Worker" ADD COLUMN     "float16" BOOLEAN NOT NULL DEFAULT false;
