-- AlterTable
ALTER TABLE "RunReport" ADD COLUMN     "mechanism" JSON;
