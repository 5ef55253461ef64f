-- The mover heads of a report, apart from the large rest of it.
ALTER TABLE "RunReport" ADD COLUMN "movers" JSON GENERATED ALWAYS AS ("argumentPassing" -> 'movers') STORED;
