"""Help as pages of the product: the manual, the glossary, and a first day for each role."""
