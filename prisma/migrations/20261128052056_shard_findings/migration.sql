-- AlterTable
ALTER TABLE "RunShard" ADD COLUMN     "found" JSON;
