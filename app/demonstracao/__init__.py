"""A believable provider for demonstrations, tests of size and screenshots: made through the services, day by day, with the clock moved."""
