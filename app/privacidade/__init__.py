"""What a customer may ask of his data (LGPD, art. 18): all of them in a file, and their anonymisation once the law needs them no more."""
